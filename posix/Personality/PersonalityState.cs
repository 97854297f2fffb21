using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>What the system calls and the observer of processes share.</summary>
internal sealed class PersonalityState(
    CallContext context, IFileSystem fileSystem, IProcessLoader loader, IConsole console, ulong rootInode)
{
    public IFileSystem FileSystem { get; } = fileSystem;

    public IProcessLoader Loader { get; } = loader;

    public IConsole Console { get; } = console;

    public Namespace Names { get; } = new(context, fileSystem, rootInode);

    public ProcessTable Processes { get; } = new();

    public VnodeTable Vnodes { get; } = new(fileSystem);

    public OpenFileCount OpenFiles { get; } = new();

    public PipeCount Pipes { get; } = new();
}
