using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>Calls that look at files and change their attributes.</content>
internal sealed partial class SystemCalls
{
    public Reply<FileAttributes, Errno> GetAttributes(CallContext context, int directory, ReadOnlySpan<byte> path, AtFlags flags)
    {
        if (TryFindNameless(context, directory, path, flags, out OpenFile? nameless))
        {
            return nameless.GetAttributes();
        }

        Errno error = BeginFind(context, directory, path, flags, AtFlags.NoFollow, out _);
        if (error != Errno.None)
        {
            return error;
        }

        FileAttributes attributes = state.Names.First.File;
        state.Names.Release();
        return attributes;
    }

    public Reply<Unit, Errno> SetAttributes(
        CallContext context, int directory, ReadOnlySpan<byte> path, in FileAttributesChange change, AtFlags flags)
    {
        if (AttributeChange.OmitsAll(change))
        {
            return default(Unit);
        }

        if ((change.Fields & FileAttributeFields.Size) != 0 && change.SizeBytes > long.MaxValue)
        {
            return Errno.InvalidArgument;
        }

        Errno error = BeginFind(context, directory, path, flags, AtFlags.NoFollow, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            PathWalk walk = state.Names.First;
            OpenFile? open = walk.Final == FinalName.Empty ? process.Descriptors[directory] : null;
            if (open is not null && open.IsPathOnly)
            {
                return Errno.BadDescriptor;
            }

            // ftruncate needs a descriptor that is open to write, whatever the mode says by now.
            bool isOpenToWrite = open is not null && open.CanWrite;
            return open is not null && !isOpenToWrite && (change.Fields & FileAttributeFields.Size) != 0
                ? Errno.InvalidArgument
                : AttributeChange.Apply(context, walk.FileMount, process, walk.File, change, isOpenToWrite).ToReply();
        }
        finally
        {
            state.Names.Release();
        }
    }

    public Reply<Unit, Errno> CheckAccess(
        CallContext context, int directory, ReadOnlySpan<byte> path, AccessModes modes, AtFlags flags)
    {
        const AccessModes AllModes = AccessModes.Read | AccessModes.Write | AccessModes.Execute;
        if ((modes & ~AllModes) != 0)
        {
            return Errno.InvalidArgument;
        }

        AtFlags find = flags & ~AtFlags.EffectiveAccess;
        Errno error = BeginAccess(context, directory, path, find, find != flags, out Process process);
        if (error != Errno.None)
        {
            return error;
        }

        PathWalk walk = state.Names.First;
        Identity identity = find != flags ? process.Credentials.Effective : process.Credentials.Real;
        bool changes = (modes & AccessModes.Write) != 0 && walk.FileMount.IsReadOnly;
        bool isDevice = walk.Type is FileMode.CharacterDevice or FileMode.BlockDevice or FileMode.Fifo or FileMode.Socket;
        error = changes && !isDevice ? Errno.ReadOnlyFileSystem
            : modes == AccessModes.Exists || Access.Allows(walk.File, identity, (uint)modes) ? Errno.None
            : Errno.AccessDenied;
        state.Names.Release();
        return error.ToReply();
    }

    /// <summary>The directories on the way to a file are searched by the ids that access is asked for.</summary>
    private Errno BeginAccess(
        CallContext context, int directory, ReadOnlySpan<byte> path, AtFlags flags, bool usesEffective, out Process process)
    {
        if (usesEffective || !TryFindCaller(context, out Process? caller))
        {
            return BeginFind(context, directory, path, flags, AtFlags.NoFollow, out process);
        }

        caller.Credentials.UsesReal = true;
        try
        {
            return BeginFind(context, directory, path, flags, AtFlags.NoFollow, out process);
        }
        finally
        {
            caller.Credentials.UsesReal = false;
        }
    }

    public Reply<int, Errno> ReadSymbolicLink(CallContext context, int directory, ReadOnlySpan<byte> path, Span<byte> target)
    {
        AtFlags flags = AtFlags.NoFollow | (path.Length == 0 && directory >= 0 ? AtFlags.EmptyPath : 0);
        Errno error = BeginFind(context, directory, path, flags, AtFlags.NoFollow, out _);
        if (error != Errno.None)
        {
            return error;
        }

        try
        {
            PathWalk walk = state.Names.First;
            if (walk.Type != FileMode.SymbolicLink || target.Length == 0)
            {
                return walk.Final == FinalName.Empty ? Errno.NoEntry : Errno.InvalidArgument;
            }

            Reply<int, Errno> reply = walk.FileMount.Files.ReadSymbolicLink(context, walk.File.Inode, target);
            return reply.IsOk ? reply : reply.ErrorOf();
        }
        finally
        {
            state.Names.Release();
        }
    }

    /// <summary>A file that has no inode: an end of a pipe.</summary>
    private bool TryFindNameless(
        CallContext context,
        int descriptor,
        ReadOnlySpan<byte> path,
        AtFlags flags,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out OpenFile? file)
    {
        file = null;
        if (path.Length > 0 || (flags & AtFlags.EmptyPath) == 0
            || !state.Processes.TryFind(context.Caller, out Process? process))
        {
            return false;
        }

        OpenFile? open = process.Descriptors[descriptor];
        file = open?.Vnode is null ? open : null;
        return file is not null;
    }
}
