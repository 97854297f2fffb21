using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <content>Ids, groups and limits of a process.</content>
internal sealed partial class SystemCalls
{
    public Reply<ProcessIds, Errno> GetIds(CallContext context)
    {
        if (!TryFindCaller(context, out Process? process))
        {
            return Errno.NoProcess;
        }

        IdTriple user = process.Credentials.User;
        IdTriple group = process.Credentials.Group;
        return new ProcessIds
        {
            ProcessId = process.Id,
            ParentId = process.ParentId,
            RealUserId = user.Real,
            EffectiveUserId = user.Effective,
            SavedUserId = user.Saved,
            RealGroupId = group.Real,
            EffectiveGroupId = group.Effective,
            SavedGroupId = group.Saved,
        };
    }

    public Reply<Unit, Errno> SetId(CallContext context, IdKind kind, uint id) =>
        !TryFindCaller(context, out Process? process) ? Errno.NoProcess
            : kind is not (IdKind.User or IdKind.Group) ? Errno.InvalidArgument
            : process.Credentials.SetId(kind, id).ToReply();

    public Reply<Unit, Errno> SetIds(CallContext context, IdKind kind, uint real, uint effective, uint saved) =>
        !TryFindCaller(context, out Process? process) ? Errno.NoProcess
            : kind is not (IdKind.User or IdKind.Group) ? Errno.InvalidArgument
            : process.Credentials.SetIds(kind, real, effective, saved).ToReply();

    public Reply<int, Errno> GetGroups(CallContext context, Span<uint> groups)
    {
        if (!TryFindCaller(context, out Process? process))
        {
            return Errno.NoProcess;
        }

        ReadOnlySpan<uint> present = process.Credentials.Groups;
        if (groups.Length > 0 && present.Length > groups.Length)
        {
            return Errno.InvalidArgument;
        }

        if (groups.Length > 0)
        {
            present.CopyTo(groups);
        }

        return present.Length;
    }

    public Reply<Unit, Errno> SetGroups(CallContext context, ReadOnlySpan<uint> groups)
    {
        if (!TryFindCaller(context, out Process? process))
        {
            return Errno.NoProcess;
        }

        if (!process.Credentials.Effective.IsPrivileged || groups.Length > Limits.GroupCountMax)
        {
            return groups.Length > Limits.GroupCountMax ? Errno.InvalidArgument : Errno.NotPermitted;
        }

        process.Credentials.SetGroups(groups);
        return default(Unit);
    }

    public Reply<ResourceLimit, Errno> GetLimit(CallContext context, LimitedResource resource)
    {
        if (!TryFindCaller(context, out Process? process))
        {
            return Errno.NoProcess;
        }

        return resource switch
        {
            LimitedResource.FileSize => process.FileSizeLimit,
            LimitedResource.DescriptorCount => process.Descriptors.Limit,
            _ => Errno.InvalidArgument,
        };
    }

    public Reply<Unit, Errno> SetLimit(CallContext context, LimitedResource resource, in ResourceLimit limit)
    {
        Reply<ResourceLimit, Errno> present = GetLimit(context, resource);
        if (!present.IsOk || !TryFindCaller(context, out Process? process))
        {
            return present.ErrorOf();
        }

        bool isTooMany = resource == LimitedResource.DescriptorCount && limit.Hard > Limits.DescriptorCountMax;
        bool raises = limit.Hard > present.Value.Hard && !process.Credentials.Effective.IsPrivileged;
        if (limit.Soft > limit.Hard || isTooMany || raises)
        {
            return limit.Soft > limit.Hard ? Errno.InvalidArgument : Errno.NotPermitted;
        }

        if (resource == LimitedResource.FileSize)
        {
            process.FileSizeLimit = limit;
        }
        else
        {
            process.Descriptors.Limit = limit;
        }

        return default(Unit);
    }
}
