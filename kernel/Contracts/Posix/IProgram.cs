namespace RedLeafSharp.Contracts;

/// <summary>The entry class of a program. A process is one domain with one such object and one thread.</summary>
[DomainContract]
public interface IProgram
{
    /// <summary>Runs the program.</summary>
    /// <param name="context">The kernel calls.</param>
    /// <param name="services">The process's rights.</param>
    /// <returns>The exit status, 0 to 255.</returns>
    [MayTake(MayTakeAttribute.Forever)]
    Reply<int, ProgramError> Main(CallContext context, ProgramServices services);
}

/// <summary>A program answers with an exit status, not with an error.</summary>
public enum ProgramError
{
    /// <summary>Success; not an error.</summary>
    None = 0,
}

/// <summary>The rights of a process.</summary>
[Capability]
public sealed class ProgramServices
{
    internal ProgramServices(ISystem system) => System = system;

    /// <summary>The POSIX calls.</summary>
    public ISystem System { get; }
}
