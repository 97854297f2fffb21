namespace RedLeafSharp.Tests.Hostile.Corpus;

/// <summary>Domains that do not come back from a call, without computing enough to exceed a limit of processor time.</summary>
internal static class Waits
{
    private const string Family = "calls that never end";

    /// <summary>The victim calls the attacker while it is started, and has to get an answer.</summary>
    private const string Yaml = """
        domains:
          - {name: Attacker, callDeadlineMilliseconds: 500}
          - {name: Victim, use: {IShadowStatistics: Attacker}}
        """;

    private const string Attacker = """
        using RedLeafSharp; using RedLeafSharp.Contracts; using RedLeafSharp.Scheduling;
        public sealed class D : IDomain, IShadowStatistics {
            private int count;
            public Reply<Unit, DomainError> Start(CallContext context, DomainServices services) {
                services.Provide<IShadowStatistics>(this); return default(Unit); }
            public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
            public Reply<ShadowStatistics, BlockError> GetStatistics(CallContext context) {
                KernelEvent own = KernelEvent.Create(context);
                BODY
                return default(ShadowStatistics);
            }
        }
        """;

    private const string Victim = """
        using RedLeafSharp; using RedLeafSharp.Contracts;
        public sealed class D : IDomain {
            public Reply<Unit, DomainError> Start(CallContext context, DomainServices services) {
                Fault fault = services.Require<IShadowStatistics>().GetStatistics(context).Fault;
                services.Report(Severity.Information, "the victim was told " + fault.ToString()); return default(Unit); }
            public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
        }
        """;

    internal static readonly BootAttack[] All =
    [
        Late("wait without an end", "to keep its callers waiting for ever", "while (true) own.Wait(context, 60000000);"),
        Late("wait for what nobody else can signal", "to keep its callers waiting for ever, and the watchdog finding deadlocks",
            "while (true) own.Wait(context);"),
        Late("pauses without an end", "to look alive and never answer", "while (true) own.Wait(context, 1000);"),
        Late("computing between pauses", "to compute for ever in pieces that no limit of a call counts",
            "while (true) { for (int i = 0; i < 100000; i++) count += i; own.Wait(context, 0); }"),
        Late("wait in a finally block", "to be beyond the reach of a kill", "try { } finally { while (true) own.Wait(context, 1000); }"),
        Late("wait in a handler", "to be beyond the reach of a kill",
            "while (true) { try { throw new System.Exception(); } catch (System.Exception) { own.Wait(context, 1000); } }"),
    ];

    private static BootAttack Late(string name, string tries, string body) => new(
        BootFiles.Wrap(Family, name, tries, Wall.Runtime, "deadline"), "the victim was told CalleeLate", Yaml,
        folder =>
        {
            Lay(folder, "Attacker", "provides: [IShadowStatistics]\n", Attacker.Replace("BODY", body));
            Lay(folder, "Victim", "requires: [IShadowStatistics]\n", Victim);
        });

    private static void Lay(string folder, string name, string rights, string source)
    {
        string home = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        File.WriteAllText(Path.Combine(home, "domain.yaml"), $"name: {name}\nentry: D\n{rights}");
        File.WriteAllBytes(Path.Combine(home, "Domain.dll"), Guest.Compile(source));
    }
}
