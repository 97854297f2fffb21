namespace RedLeafSharp.Contracts;

/// <summary>What the kernel tells about the running system, as lines of text. Provided by the kernel; /proc shows it.</summary>
[DomainContract]
public interface IKernelReports
{
    /// <summary>Writes a report.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="report">Which.</param>
    /// <param name="buffer">Receives the text, UTF-8, cut off if it is too small.</param>
    /// <returns>Bytes written; <see cref="Errno.InvalidArgument"/> for an unknown report.</returns>
    Reply<int, Errno> Write(CallContext context, KernelReport report, Span<byte> buffer);
}

/// <summary>The reports there are.</summary>
public enum KernelReport
{
    /// <summary>A line for each domain: name, generation, id, executor, state.</summary>
    Domains = 0,

    /// <summary>A line for each restart and each dead generation, oldest first.</summary>
    Faults = 1,

    /// <summary>Memory in kibibytes, one "name: value kB" a line, as Linux's /proc/meminfo.</summary>
    Memory = 2,
}
