namespace RedLeafSharp.Tests.Hostile.Corpus;

/// <summary>
/// Domains that threads of three executors are inside of at once, and that hope to find one in the middle of what another does; and
/// what a driver keeps from its rehearsal for the life after it.
/// </summary>
internal static class SharedDomains
{
    private const int CallsOfEach = 2000;

    /// <summary>One caller works in the background, the other while it is started; it ends when both have made their calls.</summary>
    private const string TwoCallers = """
        executors: 3
        domains:
          - {name: Attacker}
          - {name: First, executor: 1, use: {IShadowStatistics: Attacker}}
          - {name: Second, executor: 2, use: {IShadowStatistics: Attacker}}
        """;

    private const string Usings = "using System; using System.Collections.Generic; using RedLeafSharp; using RedLeafSharp.Contracts; "
        + "using RedLeafSharp.Scheduling;\n";

    private const string Attacker = Usings + """
        TYPES
        [MARK] public sealed class D : IDomain, IShadowStatistics {
            private int inside; private bool torn; private long count; private long spin; FIELDS
            private void Spin() { for (int i = 0; i < 50; i++) spin += i; }
            public Reply<Unit, DomainError> Start(CallContext context, DomainServices services) {
                services.Provide<IShadowStatistics>(this); return default(Unit); }
            public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
            public Reply<ShadowStatistics, BlockError> GetStatistics(CallContext context) {
                BODY
                count++;
                return new ShadowStatistics { Accepted = count, HasGivenUp = torn };
            }
        }
        """;

    private static readonly string First = Usings + $$"""
        [Reentrant] public sealed class D : IDomain, IBackgroundWork {
            private IShadowStatistics target;
            public Reply<Unit, DomainError> Start(CallContext context, DomainServices services) {
                target = services.Require<IShadowStatistics>(); services.Provide<IBackgroundWork>(this); return default(Unit); }
            public Reply<Unit, DomainError> Run(CallContext context) {
                for (int i = 0; i < {{CallsOfEach}}; i++) target.GetStatistics(context);
                return default(Unit); }
            public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
        }
        """;

    private static readonly string Second = Usings + $$"""
        public sealed class D : IDomain {
            public Reply<Unit, DomainError> Start(CallContext context, DomainServices services) {
                IShadowStatistics target = services.Require<IShadowStatistics>();
                for (int i = 0; i < {{CallsOfEach}} - 1; i++) target.GetStatistics(context);
                Reply<ShadowStatistics, BlockError> last = target.GetStatistics(context);
                while (last.IsOk && last.Value.Accepted < {{2 * CallsOfEach}}) {
                    KernelEvent.Create(context).Wait(context, 1000);
                    last = target.GetStatistics(context); }
                services.Report(Severity.Information, last.IsOk && !last.Value.HasGivenUp ? "nothing was torn" : "torn " + last.ToString());
                return default(Unit); }
            public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
        }
        """;

    /// <summary>Two callers wait inside, with borrows, when a third has the domain killed.</summary>
    private const string ThreeCallers = """
        executors: 3
        domains:
          - {name: Attacker}
          - {name: First, executor: 1, use: {IShadowStatistics: Attacker}}
          - {name: Other, folder: First, executor: 2, use: {IShadowStatistics: Attacker}}
          - {name: Second, use: {INetShadowStatistics: Attacker}}
        """;

    private const string Mortal = Usings + """
        [Reentrant] public sealed class D : IDomain, IShadowStatistics, INetShadowStatistics {
            private KernelEvent own; private int waiting; private Cell<PageBuffer> kept;
            public Reply<Unit, DomainError> Start(CallContext context, DomainServices services) {
                services.Provide<IShadowStatistics>(this); services.Provide<INetShadowStatistics>(this); return default(Unit); }
            public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
            public Reply<ShadowStatistics, BlockError> GetStatistics(CallContext context) {
                own ??= KernelEvent.Create(context);
                PageBuffer page = PageBuffer.Allocate(context);
                Span<byte> bytes = page.BorrowMutable(context);
                waiting++;
                BODY
                bytes[0] = 1;
                PageBuffer.Free(context, ref page);
                return default(ShadowStatistics);
            }
            public Reply<NetShadowStatistics, NetError> GetShadowStatistics(CallContext context) =>
                waiting < 2 ? new NetShadowStatistics { Recoveries = waiting } : throw new InvalidOperationException();
        }
        """;

    private const string Killer = Usings + """
        public sealed class D : IDomain {
            public Reply<Unit, DomainError> Start(CallContext context, DomainServices services) {
                INetShadowStatistics target = services.Require<INetShadowStatistics>();
                Reply<NetShadowStatistics, NetError> reply = target.GetShadowStatistics(context);
                while (reply.IsOk) {
                    KernelEvent.Create(context).Wait(context, 1000);
                    reply = target.GetShadowStatistics(context); }
                services.Report(Severity.Information, "the third was told " + reply.Fault.ToString());
                return default(Unit); }
            public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
        }
        """;

    internal static readonly BootAttack[] All =
    [
        Torn("counter of two callers", "to have two threads count at once",
            "if (inside++ != 0) torn = true; long before = sum; Spin(); sum = before + 1; if (sum != count + 1) torn = true; inside--;",
            "private long sum;"),
        Torn("cell of two callers", "to have two threads take one reference",
            "if (cell.IsEmpty) { var made = RRef<long>.Allocate(context); cell.Put(ref made); } var r = cell.Take(); ref long n = ref "
            + "r.BorrowMutable(context); n++; Spin(); if (n != count + 1) torn = true; cell.Put(ref r);", "private Cell<RRef<long>> cell;"),
        Torn("block freed by one caller, used by the other", "to write into a block that another thread has freed",
            "if (!cell.IsEmpty) { var old = cell.Take(); if (old.Borrow(context)[0] != (byte)(count - 1)) torn = true; RRefArray<byte>.Free(context, ref "
            + "old); } Spin(); var r = RRefArray<byte>.Allocate(context, 64); r.BorrowMutable(context)[0] = (byte)count; cell.Put(ref r);",
            "private Cell<RRefArray<byte>> cell;"),
        Torn("struct copied while it is written", "to have a pointer with another's length",
            "Wide copy = shared; Spin(); if (copy.A != count || copy.D != count) torn = true; shared.A = count + 1; Spin(); shared.B = count + "
            + "1; Spin(); shared.D = count + 1;", "private Wide shared;", "struct Wide { public long A, B, C, D; }"),
        Torn("array and its length apart", "to have an array with another's length",
            "Span<int> m = array.AsSpan(0, length); if (length > 0 && m[^1] != length) torn = true; array = new int[count % 100 + 1]; array[^1] = "
            + "array.Length; Spin(); length = array.Length;", "private int[] array = []; private int length;"),
        Torn("list grown by two callers", "to have the framework write behind an array",
            "list.Add(count); Spin(); if (list.Count > 300) list.Clear(); table[count % 97] = list.Count;",
            "private readonly List<long> list = new(); private readonly Dictionary<long, int> table = new();"),
        Torn("event of two callers", "to have the queue of an event torn",
            "own ??= KernelEvent.Create(context); own.SignalAll(); own.Wait(context, 0); own.Signal();", "private KernelEvent own;"),
        Torn("namesake of the mark for re-entrancy", "to be re-entrant for the kernel and not for the verifier",
            "if (inside++ != 0) torn = true; if (cell.IsEmpty) { var made = RRef<long>.Allocate(context); made.BorrowMutable(context) = count; cell.Put(ref "
            + "made); } ref readonly long n = ref cell.Content.Borrow(context); KernelEvent.Create(context).Wait(context, 0); if (n != count) torn = true; "
            + "var r = cell.Take(); RRef<long>.Free(context, ref r); inside--;",
            "private Cell<RRef<long>> cell;", "namespace RedLeafSharp.Contracts { public sealed class ReentrantAttribute : System.Attribute { } }"),
        Dead("death while others wait with borrows", "to have a block freed under a thread that is on its way out",
            "while (true) own.Wait(context);"),
        Dead("death while others compute with borrows", "to have a block freed under a thread that is on its way out",
            "while (true) { for (int i = 0; i < 1000; i++) bytes[i]++; own.Wait(context, 0); }"),
        Relic("page kept from the rehearsal", "to own a page of another heap", "RedLeafSharp.OwnershipException",
            "K.It.Page.Content.Borrow(context);"),
        Relic("page of the rehearsal given back", "to have a page of another heap given to the next", "RedLeafSharp.OwnershipException",
            "var page = K.It.Page.Take(); PageBuffer.Free(context, ref page);"),
        Relic("device kept from the rehearsal", "to drive a device behind the back of the kernel", "InvalidOperationException",
            "K.It.Device.WriteConfiguration(4, 6);"),
        Relic("event kept from the rehearsal", "to run the stage's device on two threads", "InvalidOperationException",
            "K.It.Event.Wait(context, 1000);"),
        Relic("rights kept from the rehearsal", "to have rights of a generation that is none", "InvalidOperationException",
            "K.It.Services.Require<IBlockDevice>();"),
    ];

    private static BootAttack Torn(string name, string tries, string body, string fields, string types = "") => new(
        BootFiles.Wrap(Races.Name, name, tries, Wall.Runtime, "answer"), "nothing was torn", TwoCallers,
        folder =>
        {
            string mark = types.Contains("ReentrantAttribute") ? "global::RedLeafSharp.Contracts.Reentrant" : "Reentrant";
            Lay(folder, "Attacker", "provides: [IShadowStatistics]\n",
                Attacker.Replace("MARK", mark).Replace("TYPES", types).Replace("FIELDS", fields).Replace("BODY", body));
            Lay(folder, "First", "requires: [IShadowStatistics]\nprovides: [IBackgroundWork]\n", First);
            Lay(folder, "Second", "requires: [IShadowStatistics]\n", Second);
        });

    private static BootAttack Dead(string name, string tries, string body) => new(
        BootFiles.Wrap(Races.Name, name, tries, Wall.Runtime, "InvalidOperationException"), "the third was told Callee", ThreeCallers,
        folder =>
        {
            Lay(folder, "Attacker", "provides: [IShadowStatistics, INetShadowStatistics]\n", Mortal.Replace("BODY", body));
            Lay(folder, "First", "requires: [IShadowStatistics]\nprovides: [IBackgroundWork]\n", First);
            Lay(folder, "Second", "requires: [INetShadowStatistics]\n", Killer);
        });

    /// <summary>A driver that attacks when its standby takes over, and a shadow that has it replaced until one has.</summary>
    private static BootAttack Relic(string name, string tries, string exception, string body) => new(
        BootFiles.Wrap(Races.Name, name, tries, Wall.Runtime, exception.Split('.')[^1]), "the relic was refused",
        "devices:\n  - {name: d, model: nvme}\ndomains:\n  - {name: Driver, device: d, restart: {standby: 1, restartsMax: 100000}}\n"
        + "  - {name: Shadow, shadows: Driver}\n",
        folder =>
        {
            Lay(folder, "Driver", "device: pci\nprovides: [IBlockDevice]\n", Relics.Replace("EXCEPTION", exception).Replace("BODY", body));
            Lay(folder, "Shadow", "requires: [IBlockDevice]\n", Shadow);
        });

    private const string Relics = Usings + """
        public sealed class K {
            public static readonly K It = new();
            public Cell<PageBuffer> Page; public PciFunction Device; public KernelEvent Event; public DomainServices Services; }
        public sealed class D : IDomain, IBlockDevice {
            private ulong blocks;
            public Reply<Unit, DomainError> Start(CallContext context, DomainServices services) {
                services.Provide<IBlockDevice>(this);
                if (services.Generation == 0) {
                    K.It.Device = services.Device; K.It.Services = services; K.It.Event = KernelEvent.Create(context);
                    PageBuffer page = K.It.Device.AllocateDma(context, 1, out _);
                    K.It.Page.Put(ref page);
                } else if (K.It.Services != null) {
                    blocks = 1;
                    try { BODY services.Report(Severity.Information, "the relic was good"); }
                    catch (EXCEPTION) { services.Report(Severity.Information, "the relic was refused"); }
                }
                return default(Unit); }
            public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
            public Reply<BlockGeometry, BlockError> GetGeometry(CallContext context) => new BlockGeometry { BlockCount = blocks };
            public Reply<int, BlockError> Submit(CallContext c, ReadOnlySpan<BlockRequest> r, ReadOnlySpan<ulong> p) => 0;
            public Reply<int, BlockError> Poll(CallContext c, Span<BlockCompletion> d) => 0;
            public Reply<bool, BlockError> Wait(CallContext c, long t) => false;
        }
        """;

    private const string Shadow = Usings + """
        public sealed class D : IDomain {
            public Reply<Unit, DomainError> Start(CallContext context, DomainServices services) {
                DomainLink<IBlockDevice> link = services.RequireLink<IBlockDevice>();
                while (link.Target.GetGeometry(context).Value.BlockCount == 0) {
                    KernelEvent.Create(context).Wait(context, 20000);
                    if (!link.Recover(context).IsOk) return DomainError.DeviceUnusable; }
                return default(Unit); }
            public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
        }
        """;

    private static void Lay(string folder, string name, string rights, string source)
    {
        string home = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        File.WriteAllText(Path.Combine(home, "domain.yaml"), $"name: {name}\nentry: D\n{rights}");
        File.WriteAllBytes(Path.Combine(home, "Domain.dll"), Guest.Compile(source));
    }
}
