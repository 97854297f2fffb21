using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>How processes are made.</content>
internal sealed partial class SystemCalls
{
    public Reply<int, Errno> Spawn(
        CallContext context,
        ReadOnlySpan<byte> arguments,
        ReadOnlySpan<byte> environment,
        ReadOnlySpan<DescriptorMapping> descriptors,
        SpawnFlags flags)
    {
        if (!TryFindCaller(context, out Process? parent))
        {
            return Errno.NoProcess;
        }

        bool inheritsEnvironment = (flags & SpawnFlags.InheritEnvironment) != 0;
        environment = inheritsEnvironment ? parent.Environment : environment;
        Errno error = CheckSpawn(parent, arguments, environment);
        error = error != Errno.None ? error : CheckMappings(parent, descriptors);
        if (error != Errno.None)
        {
            return error;
        }

        // The child has its part of everything before it is loaded; if that fails, it is given back.
        Process child = MakeChild(context, parent, arguments, environment, flags);
        error = state.HoldDirectories(context, child);
        if (error != Errno.None)
        {
            return error;
        }

        // Others of the session may have started children while the file system worked.
        if (!state.Processes.HasRoomFor(parent.Session))
        {
            state.GiveBack(context, child);
            return Errno.TryAgain;
        }

        Inherit(child, parent, descriptors, flags);
        parent.StartingChild = child;
        error = LoadAndRun(context, parent, child);
        parent.StartingChild = null;
        if (error != Errno.None)
        {
            state.GiveBack(context, child);
            return error;
        }

        return child.Id;
    }

    private Process MakeChild(
        CallContext context, Process parent, ReadOnlySpan<byte> arguments, ReadOnlySpan<byte> environment, SpawnFlags flags)
    {
        int id = state.Processes.TakeId();
        var child = new Process(context, parent.Session, id, arguments.ToArray(), parent.Root, parent.WorkingDirectory)
        {
            ParentId = parent.Id,
            FileModeMask = parent.FileModeMask,
            Environment = environment.ToArray(),
            Credentials = parent.Credentials.Inherit((flags & SpawnFlags.ResetIds) != 0),
            FileSizeLimit = parent.FileSizeLimit,
            Stack = parent.Stack,
            IgnoresPipeSignal = parent.IgnoresPipeSignal,
        };
        child.Descriptors.Limit = parent.Descriptors.Limit;
        return child;
    }

    private Errno CheckSpawn(Process parent, ReadOnlySpan<byte> arguments, ReadOnlySpan<byte> environment) =>
        arguments.Length + environment.Length > Limits.ArgumentBytesMax ? Errno.ArgumentsTooLong
            : arguments.Length == 0 || arguments[^1] != 0 ? Errno.InvalidArgument
            : environment.Length > 0 && environment[^1] != 0 ? Errno.InvalidArgument
            : !state.Processes.HasRoomFor(parent.Session) ? Errno.TryAgain
            : Errno.None;

    private static Errno CheckMappings(Process parent, ReadOnlySpan<DescriptorMapping> descriptors)
    {
        foreach (DescriptorMapping mapping in descriptors)
        {
            bool isOpen = mapping.Descriptor == -1 || parent.Descriptors[mapping.Descriptor] is not null;
            if (!isOpen || !parent.Descriptors.IsAllowed(mapping.ChildDescriptor))
            {
                return Errno.BadDescriptor;
            }
        }

        return Errno.None;
    }

    private static void Inherit(
        Process child, Process parent, ReadOnlySpan<DescriptorMapping> descriptors, SpawnFlags flags)
    {
        foreach (DescriptorMapping mapping in descriptors)
        {
            if (parent.Descriptors[mapping.Descriptor] is { } file && child.Descriptors[mapping.ChildDescriptor] is null)
            {
                child.Descriptors.Set(mapping.ChildDescriptor, file);
            }
        }

        bool inheritsOthers = (flags & SpawnFlags.OnlyMappedDescriptors) == 0;
        for (int descriptor = 0; inheritsOthers && descriptor < parent.Descriptors.Size; descriptor++)
        {
            OpenFile? file = parent.Descriptors[descriptor];
            if (file is not null && !parent.Descriptors.ClosesOnExec(descriptor) && !IsMapped(descriptors, descriptor))
            {
                child.Descriptors.Set(descriptor, file);
            }
        }
    }

    private static bool IsMapped(ReadOnlySpan<DescriptorMapping> descriptors, int childDescriptor)
    {
        bool isMapped = false;
        foreach (DescriptorMapping mapping in descriptors)
        {
            isMapped |= mapping.ChildDescriptor == childDescriptor;
        }

        return isMapped;
    }

    private Errno LoadAndRun(CallContext context, Process parent, Process child)
    {
        Errno error = FindProgram(context, parent, child.Name, out int nameStart);
        if (error != Errno.None)
        {
            return error;
        }

        Reply<DomainId, Errno> loaded = state.Loader.Load(context, child.Name[nameStart..]);
        if (!loaded.IsOk)
        {
            return loaded.ErrorOf();
        }

        child.Domain = loaded.Value;
        state.Processes.Add(child);
        parent.StartingChild = null;
        Reply<Unit, Errno> run = state.Loader.Run(context, child.Domain);
        if (!run.IsOk)
        {
            state.Processes.Remove(child);
        }

        return run.ErrorOf();
    }

    /// <summary>
    /// Programs come from the system's list, not from the file system. A name without a slash, or under /bin or /usr/bin, is
    /// looked for there; any other path is a file, which this system cannot execute.
    /// </summary>
    private Errno FindProgram(CallContext context, Process parent, ReadOnlySpan<byte> name, out int nameStart)
    {
        nameStart = 0;
        int slash = name.LastIndexOf((byte)'/');
        if (slash < 0)
        {
            return name.Length == 0 ? Errno.NoEntry : Errno.None;
        }

        if (name[..slash].SequenceEqual("/bin"u8) || name[..slash].SequenceEqual("/usr/bin"u8))
        {
            nameStart = slash + 1;
            return Errno.None;
        }

        Errno error = BeginWalkToFile(context, PlainCalls.WorkingDirectory, name, FinalLink.Follow, out _);
        if (error != Errno.None)
        {
            return error;
        }

        PathWalk walk = state.Names.First;
        bool isExecutable = walk.Type == FileMode.Regular && Access.Allows(walk.File, parent, Access.Execute);
        state.Names.Release();
        return isExecutable ? Errno.NotExecutable : Errno.AccessDenied;
    }
}
