using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>What the system calls, /proc and the observer of processes share.</summary>
internal sealed class PersonalityState
{
    private readonly Mount deviceMount;

    public PersonalityState(CallContext context, KernelServices kernel, Mount root)
    {
        Kernel = kernel;
        Mounts = new MountTable(root);
        Names = new Namespace(Mounts);
        Vnodes = new VnodeTable(Holds);
        DeviceFiles = new DeviceFileSystem(SystemCalls.TimeOf(context));
        ProcessFiles = new ProcessFileSystem(this);
        deviceMount = NewMount(DeviceFiles, SyntheticFileSystem.RootInode, "none", "devfs", isReadOnly: true);
        Mounts.Attach(deviceMount, root.RootLocation, "dev"u8);
        Mount processMount = NewMount(ProcessFiles, SyntheticFileSystem.RootInode, "none", "proc", isReadOnly: true);
        Mounts.Attach(processMount, root.RootLocation, "proc"u8);
    }

    public KernelServices Kernel { get; }

    public IProcessLoader Loader => Kernel.Loader;

    public IConsole Console => Kernel.Console;

    public IEntropy Entropy => Kernel.Entropy;

    public MountTable Mounts { get; }

    public Namespace Names { get; }

    public ProcessTable Processes { get; } = new();

    public InodeHolds Holds { get; } = new();

    public VnodeTable Vnodes { get; }

    public OpenFileCount OpenFiles { get; } = new(Limits.OpenFileCountMax);

    public OpenFileCount PassedFiles { get; } = new(Limits.PassedFilesMax);

    public PipeCount Pipes { get; } = new(Limits.PipeCountMax);

    public SpareBuffers Buffers { get; } = new();

    public NetworkStacks Stacks { get; } = new();

    public UnixNames UnixNames { get; } = new();

    public UnixCycles UnixCycles { get; } = new();

    public DeviceFileSystem DeviceFiles { get; }

    public ProcessFileSystem ProcessFiles { get; }

    /// <summary>Where a device is, though nothing may be mounted there any more.</summary>
    public Location DeviceLocation(uint number) => new(deviceMount, DeviceFiles.InodeOf(number));

    /// <summary>A mount that is not in the tree yet.</summary>
    public Mount NewMount(IFileSystem files, ulong root, string source, string type, bool isReadOnly) =>
        new(files, Mounts.TakeNumber(), root, source, type) { IsReadOnly = isReadOnly };

    /// <summary>Holds the root and the working directory of a new process.</summary>
    public Errno HoldDirectories(CallContext context, Process process)
    {
        Errno error = Holds.Hold(context, process.Root);
        if (error != Errno.None)
        {
            return error;
        }

        error = Holds.Hold(context, process.WorkingDirectory);
        if (error != Errno.None)
        {
            _ = Holds.Release(context, process.Root);
        }

        return error;
    }

    /// <summary>
    /// Closes the descriptors of a process that is no more, or never came to be, leaves its directories, and returns what a call of it
    /// had on loan.
    /// </summary>
    public void GiveBack(CallContext context, Process process)
    {
        process.EndWatches(context);
        process.Lent.Return(context);
        process.Descriptors.CloseAll(context, process);
        _ = Holds.Release(context, process.WorkingDirectory);
        _ = Holds.Release(context, process.Root);
    }
}

/// <summary>What the kernel provides to the personality.</summary>
internal sealed record KernelServices(IProcessLoader Loader, IConsole Console, IEntropy Entropy, IKernelReports Reports);
