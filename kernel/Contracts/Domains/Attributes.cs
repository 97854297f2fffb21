namespace RedLeafSharp.Contracts;

/// <summary>
/// Marks an interface between domains. The generator emits its proxy; a method that passes anything that may not cross
/// is a build error.
/// </summary>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class DomainContractAttribute : Attribute;

/// <summary>
/// On a contract, or a method of one: a call may take so long before the callee counts as hung, if its own deadline in the system
/// file is shorter. docs/deadlines.md says how deadlines work.
/// </summary>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method)]
public sealed class MayTakeAttribute(int seconds) : Attribute
{
    /// <summary>For calls that end when somebody else wants it: a process's, a read from a terminal.</summary>
    public const int Forever = CallTag.Forever;

    /// <summary>1 to 254 seconds, or <see cref="Forever"/>.</summary>
    public int Seconds { get; } = seconds;
}

/// <summary>
/// Marks a class whose instances are rights that only the kernel makes. Such a reference may cross a contract.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class CapabilityAttribute : Attribute;

/// <summary>
/// On the entry class of a domain: other threads may enter while one is suspended inside. The domain must then expect
/// its state to have changed after every wait and every call to another domain.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReentrantAttribute : Attribute;

/// <summary>
/// On the entry class of a domain: a call that is inside when its caller dies goes on to its end. Without it, waits of
/// such a call end at once and the call is unwound, which suits a domain whose calls can be abandoned anywhere (a pipe),
/// not one that is in the middle of changing a disk.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class CompletesCallsAttribute : Attribute;
