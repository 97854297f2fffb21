using System.Reflection;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Kernel.Processes;

/// <summary>
/// What stands behind the proxy of a process: it makes the program's object when the process runs, so that constructors, too,
/// run on the process's thread and behind its exception barrier.
/// </summary>
internal sealed class ProgramEntry : IProgram
{
    private const BindingFlags Constructor = BindingFlags.Public | BindingFlags.Instance | BindingFlags.DoNotWrapExceptions;

    private readonly Type program;

    /// <param name="program">A class with a public constructor without parameters.</param>
    internal ProgramEntry(Type program) => this.program = program;

    public Reply<int, ProgramError> Main(CallContext context, ProgramServices services)
    {
        object entry = Activator.CreateInstance(program, Constructor, binder: null, args: null, culture: null)!;
        return ((IProgram)entry).Main(context, services);
    }
}
