namespace RedLeafSharp.Kernel;

/// <summary>
/// The system cannot be booted, or not be shut down cleanly, for a reason that the user can do something about. The
/// message is one line that names the file or domain, the field and what was expected.
/// </summary>
public sealed class BootException : Exception
{
    /// <summary>Makes the exception.</summary>
    public BootException(string message)
        : base(message)
    {
    }

    /// <summary>Whether what lies on the disk is the reason.</summary>
    internal bool IsAboutData { get; init; }
}
