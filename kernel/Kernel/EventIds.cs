namespace RedLeafSharp.Kernel;

/// <summary>
/// Stable numbers of the kernel's log lines: property EventId. docs/log.md lists them; a number is never given to another
/// event.
/// </summary>
internal static class EventIds
{
    internal const int Booted = 100;
    internal const int ShutDown = 101;
    internal const int NotEnded = 102;
    internal const int DomainStarted = 110;
    internal const int DomainStopped = 111;
    internal const int Loaded = 112;
    internal const int DomainSaid = 120;
    internal const int DomainFaulted = 200;
    internal const int DomainKilled = 201;
    internal const int LimitExceeded = 202;
    internal const int Deadlock = 203;
    internal const int CallLate = 204;
    internal const int DeviceFenced = 210;
    internal const int DmaFault = 211;
    internal const int Recovered = 220;
    internal const int RecoveryFailed = 221;
    internal const int GaveUp = 222;
    internal const int StandbyFailed = 223;
    internal const int ReloadUndone = 224;
    internal const int Reclaimed = 230;
    internal const int NotReclaimed = 231;
    internal const int ProgramNotLoaded = 300;
}
