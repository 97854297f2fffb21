using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>What the system calls and the observer of processes share.</summary>
internal sealed class PersonalityState(
    CallContext context, IFileSystem fileSystem, IProcessLoader loader, IConsole console, InodeHolds holds, ulong rootInode)
{
    public IFileSystem FileSystem { get; } = fileSystem;

    public IProcessLoader Loader { get; } = loader;

    public IConsole Console { get; } = console;

    public Namespace Names { get; } = new(context, fileSystem, rootInode);

    public ProcessTable Processes { get; } = new();

    public InodeHolds Holds { get; } = holds;

    public VnodeTable Vnodes { get; } = new(fileSystem, holds);

    public OpenFileCount OpenFiles { get; } = new(Limits.OpenFileCountMax);

    public PipeCount Pipes { get; } = new(Limits.PipeCountMax);

    /// <summary>Closes the descriptors of a process that is no more, or never came to be, and leaves its directory.</summary>
    public void GiveBack(CallContext context, Process process)
    {
        process.Descriptors.CloseAll(context);
        _ = Holds.Release(context, process.WorkingDirectory);
    }
}
