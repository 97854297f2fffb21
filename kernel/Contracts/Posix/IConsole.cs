namespace RedLeafSharp.Contracts;

/// <summary>The terminal, or what stands for it. Provided by the kernel.</summary>
[DomainContract]
public interface IConsole
{
    /// <summary>Reads what has been typed; waits until there is something.</summary>
    /// <returns>Bytes read; 0 at the end of the input.</returns>
    Reply<int, Errno> Read(CallContext context, Span<byte> buffer);

    /// <summary>Writes. Stream 1 is the standard output, 2 the standard error.</summary>
    /// <returns>Bytes written.</returns>
    Reply<int, Errno> Write(CallContext context, int stream, ReadOnlySpan<byte> data);

    /// <summary>Whether a person is at the other end of a stream (0, 1 or 2).</summary>
    Reply<bool, Errno> IsTerminal(CallContext context, int stream);
}
