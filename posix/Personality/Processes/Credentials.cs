using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>Who asks: a user with its groups.</summary>
internal readonly struct Identity(uint userId, uint groupId, uint[] groups)
{
    public uint UserId { get; } = userId;

    public uint GroupId { get; } = groupId;

    /// <summary>Whether it has appropriate privileges, which here all are user 0's.</summary>
    public bool IsPrivileged => UserId == 0;

    /// <summary>Whether a group is the identity's, or one of its supplementary ones.</summary>
    public bool IsIn(uint group) => group == GroupId || groups.AsSpan().Contains(group);
}

/// <summary>The ids of a process (POSIX.1-2017, 4.13 and setuid): real, effective and saved.</summary>
internal sealed class Credentials
{
    private uint[] groups = [];

    public Identity Effective => new(User.Effective, Group.Effective, groups);

    /// <summary>Whose permissions count now: access(2) asks for the real ids on its way through the directories, too.</summary>
    public Identity Acting => UsesReal ? Real : Effective;

    public bool UsesReal { get; set; }

    public Identity Real => new(User.Real, Group.Real, groups);

    public IdTriple User { get; private set; }

    public IdTriple Group { get; private set; }

    public ReadOnlySpan<uint> Groups => groups;

    /// <summary>A child's: the same, or the real ids as effective ones.</summary>
    public Credentials Inherit(bool resetsIds)
    {
        return new Credentials
        {
            groups = groups,
            User = resetsIds ? User with { Effective = User.Real } : User,
            Group = resetsIds ? Group with { Effective = Group.Real } : Group,
        };
    }

    /// <summary>setuid and setgid.</summary>
    public Errno SetId(IdKind kind, uint id)
    {
        if (id == uint.MaxValue)
        {
            return Errno.InvalidArgument;
        }

        if (Effective.IsPrivileged)
        {
            return Store(kind, new IdTriple(id, id, id));
        }

        IdTriple present = Of(kind);
        return id == present.Real || id == present.Saved ? Store(kind, present with { Effective = id }) : Errno.NotPermitted;
    }

    /// <summary>setresuid and setresgid: an unprivileged process may only exchange the ids that it has.</summary>
    public Errno SetIds(IdKind kind, uint real, uint effective, uint saved)
    {
        IdTriple present = Of(kind);
        bool isPermitted = Effective.IsPrivileged
            || (IsUnchangedOrIn(present, real) && IsUnchangedOrIn(present, effective) && IsUnchangedOrIn(present, saved));
        return !isPermitted
            ? Errno.NotPermitted
            : Store(kind, new IdTriple(
                real == uint.MaxValue ? present.Real : real,
                effective == uint.MaxValue ? present.Effective : effective,
                saved == uint.MaxValue ? present.Saved : saved));
    }

    public void SetGroups(ReadOnlySpan<uint> newGroups) => groups = newGroups.ToArray();

    private static bool IsUnchangedOrIn(IdTriple ids, uint id) =>
        id == uint.MaxValue || id == ids.Real || id == ids.Effective || id == ids.Saved;

    private IdTriple Of(IdKind kind) => kind == IdKind.User ? User : Group;

    private Errno Store(IdKind kind, IdTriple ids)
    {
        if (kind == IdKind.User)
        {
            User = ids;
        }
        else
        {
            Group = ids;
        }

        return Errno.None;
    }
}

/// <summary>Real, effective and saved id of a user or a group.</summary>
internal readonly record struct IdTriple(uint Real, uint Effective, uint Saved);
