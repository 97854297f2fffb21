namespace RedLeafSharp.Posix.Personality;

/// <summary>Buffers that calls copy through. A call gives its buffer back in a finally clause.</summary>
internal sealed class SpareBuffers
{
    private readonly Stack<byte[]> spare = new();

    /// <summary>A buffer of <see cref="Limits.CopyBytes"/>, with anything in it.</summary>
    public byte[] Take() => spare.TryPop(out byte[]? buffer) ? buffer : new byte[Limits.CopyBytes];

    public void GiveBack(byte[] buffer)
    {
        if (spare.Count < Limits.SpareBufferCountMax)
        {
            spare.Push(buffer);
        }
    }
}
