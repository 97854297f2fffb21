namespace RedLeafSharp.Domains.Ext4;

/// <summary>
/// Where a block of the file system is in the buffer cache. Holding one proves that the block has been read; it stays good
/// for <see cref="Ext4Limits.GuardedGets"/> further gets, and the cache refuses it when it is older than its frame.
/// </summary>
/// <param name="Block">Number of the block.</param>
/// <param name="Frame">Index of the page frame.</param>
/// <param name="Offset">Offset of the block within the page in bytes.</param>
internal readonly record struct BlockBuffer(ulong Block, int Frame, int Offset);
