namespace RedLeafSharp.Posix.Personality;

/// <summary>
/// A process of the host with all that descend from it: what they may have together is less than there is, so that a program that
/// takes without end leaves something to others. A bound for each process alone would not do that: it starts more of them.
/// </summary>
internal sealed class Session(OpenFileCount allOpenFiles, PipeCount allPipes, OpenFileCount allPassedFiles)
{
    /// <summary>Open file descriptions that its processes have made, wherever they are now.</summary>
    public OpenFileCount OpenFiles { get; } = new(Limits.SessionOpenFileCountMax, allOpenFiles);

    /// <summary>Pipes that its processes have made.</summary>
    public PipeCount Pipes { get; } = new(Limits.SessionPipeCountMax, allPipes);

    /// <summary>Files that its processes have sent, and nobody has received.</summary>
    public OpenFileCount PassedFiles { get; } = new(Limits.SessionPassedFilesMax, allPassedFiles);
}
