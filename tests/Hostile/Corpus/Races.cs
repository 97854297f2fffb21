namespace RedLeafSharp.Tests.Hostile.Corpus;

/// <summary>
/// Threads against each other inside one domain. A domain starts none; it gets them from the kernel: callers on several executors, work in
/// the background, processes of one program, a rehearsal and the life after it.
/// </summary>
internal static class Races
{
    internal const string Name = "threads against each other";

    private const string Reentrant = "[Reentrant] class Marked { } ";

    private const string Keeper =
        "interface ITake { void Take(CallContext c); } class Keeper : ITake { public Cell<RRef<long>> Kept; public Cell<RRefArray<byte>> "
        + "Bytes; public void Take(CallContext c) { if (!Kept.IsEmpty) { var r = Kept.Take(); RRef<long>.Free(c, ref r); } if "
        + "(!Bytes.IsEmpty) { var b = Bytes.Take(); RRefArray<byte>.Free(c, ref b); } } } ";

    private const string Fill =
        "var k = new Keeper(); ITake other = k; var r = RRef<long>.Allocate(context); k.Kept.Put(ref r); var b = "
        + "RRefArray<byte>.Allocate(context, 64); k.Bytes.Put(ref b); ";

    private static readonly Family Read = new(Name, Wall.Verifier);
    private static readonly Family Run = new(Name, Wall.Runtime);

    internal static readonly Attack[] All =
    [
        Read.Code("freed by another thread during a wait", "to write into a block that another thread has freed", "RL0107",
            Fill + "ref readonly long p = ref k.Kept.Content.Borrow(context); KernelEvent.Create(context).Wait(context, 1); return (int)p;",
            types: Reentrant + Keeper),
        Read.Code("freed by another thread during a call", "to write into a block that another thread has freed", "RL0107",
            Fill + "ReadOnlySpan<byte> s = k.Bytes.Content.Borrow(context); system.Sync(context); return s[0];", types: Reentrant + Keeper),
        Read.Code("freed by another thread while a callee reads", "to have a callee read a block that another thread has freed",
            "RL0107/RL0106", Fill + "system.Write(context, 1, k.Bytes.Content.Borrow(context));", types: Reentrant + Keeper),
        Read.Code("freed by another thread's delegate", "to write into a block that another thread has freed", "RL0107",
            Fill + "Action<Keeper> f = Lose; ReadOnlySpan<byte> s = k.Bytes.Content.Borrow(context); system.Sync(context); return s[0];",
            "static void Lose(Keeper k) { var t = k.Bytes.Take(); }", Reentrant + Keeper),
        Read.Code("answer that is read twice", "to have two references to one block", "RL0101",
            "var r = RRef<long>.Allocate(context); Reply<RRef<long>, Errno> a = r; var s = a.Value; var t = a.Value; RRef<long>.Free(context, "
            + "ref s); RRef<long>.Free(context, ref t);"),
        Read.Code("answer that another thread reads, too", "to have two references to one block", "RL0109/RL0108", "Kept = PageBuffer.Allocate(context);",
            "Reply<PageBuffer, Errno> Kept;"),
        Read.Code("cell copied while another thread fills it", "to have two cells of one reference", "RL0109",
            Fill + "var c = k.Kept; var s = c.Take(); other.Take(context); RRef<long>.Free(context, ref s);", types: Reentrant + Keeper),
        Run.Code("two processes and one cell", "to share a reference through a static table", "answer",
            "if (!Table.Kept.IsEmpty) return 66; var r = RRef<long>.Allocate(context); Table.Kept.Put(ref r); ReadOnlySpan<byte> a = "
            + "\"true\\0\"u8; for (int i = 0; i < 20; i++) { var c = system.Spawn(context, a, 0, 1, 2); if (c.IsOk) system.WaitForChild(context, c.Value); } "
            + "if (Table.Kept.IsEmpty) return 66; var t = Table.Kept.Take(); RRef<long>.Free(context, ref t);",
            "static readonly Keeper Table = new();", Keeper),
        Run.Code("killed while a callee writes into its block", "to have the next owner's block written", "kill",
            "var p = system.MakePipe(context).Value; var r = PageBuffer.Allocate(context, 16); Say(context, system); system.Read(context, "
            + "p.ReadEnd, r.BorrowMutable(context));"),
    ];
}
