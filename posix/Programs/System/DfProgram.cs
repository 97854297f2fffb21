using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>df: shows how full the file system is.</summary>
public sealed class DfProgram : Utility
{
    private const ulong KibibyteBytes = 1024;

    private protected override string Synopsis => "[-hki] [FILE]";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, "hki", "human-readable=h inodes=i");
        if (options.Error is not null)
        {
            return libc.ComplainUsage(options.Error);
        }

        string path = options.Operands.Count > 0 ? options.Operands[0] : "/";
        Reply<FileSystemStatus, Errno> reply = libc.System.GetFileSystemStatus(libc.Context, ByteText.ToBytes(path));
        if (!reply.IsOk)
        {
            return libc.Complain(path, Errors.Of(reply));
        }

        FileSystemStatus status = reply.Value;
        if (options.Has('i'))
        {
            libc.PrintLine("Filesystem      Inodes     IUsed     IFree IUse% Mounted on");
            ulong used = status.InodeCount - status.FreeInodeCount;
            string inodes = $"{status.InodeCount,10}{used,10}{status.FreeInodeCount,10}";
            libc.PrintLine($"disk        {inodes} {Percent(used, status.InodeCount),5} /");
            return 0;
        }

        bool isHuman = options.Has('h');
        ulong blockBytes = (ulong)status.BlockBytes;
        ulong usedBlocks = status.BlockCount - status.FreeBlockCount;
        libc.PrintLine(isHuman
            ? "Filesystem           Size      Used     Avail Use% Mounted on"
            : "Filesystem      1K-blocks      Used Available Use% Mounted on");
        string size = SizeOf(status.BlockCount * blockBytes, isHuman);
        string usedSize = SizeOf(usedBlocks * blockBytes, isHuman);
        string available = SizeOf(status.AvailableBlockCount * blockBytes, isHuman);
        string percent = Percent(usedBlocks, usedBlocks + status.AvailableBlockCount);
        libc.PrintLine($"disk            {size,9} {usedSize,9} {available,9} {percent,4} /");
        return 0;
    }

    private static string SizeOf(ulong bytes, bool isHuman) => isHuman ? SizeText.Human(bytes) : $"{bytes / KibibyteBytes}";

    /// <summary>Rounded up, so that 100 % says that nothing is left.</summary>
    private static string Percent(ulong part, ulong whole) => whole == 0 ? "-" : $"{((part * 100) + whole - 1) / whole}%";
}
