namespace RedLeafSharp.Contracts;

/// <summary>
/// The kernel's service to a personality: programs become domains, and their threads run. Provided by the kernel.
/// </summary>
[DomainContract]
public interface IProcessLoader
{
    /// <summary>Loads a program into a domain of its own, without running it.</summary>
    /// <param name="context">The personality.</param>
    /// <param name="name">A name from the system's list of programs.</param>
    /// <returns>The domain; <see cref="Errno.NoEntry"/>, <see cref="Errno.NotExecutable"/>, <see cref="Errno.OutOfMemory"/>.</returns>
    Reply<DomainId, Errno> Load(CallContext context, ReadOnlySpan<byte> name);

    /// <summary>
    /// Starts the program on a thread of its own. When it ends, in whatever way, <see cref="IProcessObserver.Ended"/> is called.
    /// </summary>
    Reply<Unit, Errno> Run(CallContext context, DomainId process);

    /// <summary>Ends a process wherever it is; its end is reported like every other.</summary>
    Reply<Unit, Errno> Kill(CallContext context, DomainId process);
}

/// <summary>Provided by a personality: the kernel tells it how its processes end.</summary>
[DomainContract]
public interface IProcessObserver
{
    /// <summary>
    /// Makes the calling process known: a process of the host (an import, a shell that the command line runs) that no
    /// personality has started. It gets the root as working directory, user 0 and the console as descriptors 0, 1 and 2.
    /// </summary>
    /// <param name="context">The kernel calls.</param>
    /// <param name="process">The domain id under which the process calls <see cref="ISystem"/>.</param>
    /// <param name="arguments">Each argument followed by NUL, the name first.</param>
    /// <returns>The process id.</returns>
    Reply<int, Errno> Adopt(CallContext context, DomainId process, ReadOnlySpan<byte> arguments);

    /// <summary>A process has ended and none of its code runs any more. Its descriptors are to be closed.</summary>
    /// <param name="context">The kernel calls.</param>
    /// <param name="process">The domain of the process.</param>
    /// <param name="status">The exit status, when <paramref name="fault"/> is none.</param>
    /// <param name="fault">Why the program did not return; none when it did.</param>
    Reply<Unit, Errno> Ended(CallContext context, DomainId process, int status, Fault fault);
}
