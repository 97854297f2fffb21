namespace RedLeafSharp.Lab.Workloads.Network;

/// <summary>
/// Somebody who uses sockets in a trial: a server, or an end of a connection. All parties of a trial run on one thread, in turns, and none
/// of their calls waits.
/// </summary>
internal abstract class Party
{
    /// <summary>Whether it has nothing more to do.</summary>
    internal abstract bool IsDone { get; }

    /// <summary>Whether its connection has carried anything, or never will.</summary>
    internal virtual bool HasBegun => true;

    /// <summary>Does what can be done now.</summary>
    /// <returns>Whether that was anything.</returns>
    internal abstract bool Step(CallContext context);

    /// <summary>Gives its sockets back, done or not.</summary>
    internal abstract void Close(CallContext context);
}
