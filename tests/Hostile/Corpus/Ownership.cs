using Mono.Cecil.Cil;

namespace RedLeafSharp.Tests.Hostile.Corpus;

/// <summary>References into the exchange heap used twice, late, or made up; contexts and answers that nobody gave.</summary>
internal static class Ownership
{
    private const string Dead = "RL0101/RL0102/RL0103/RL0106";
    private const string Copied = "RL0109/RL0108/RL0101/RL0102";
    private const string Stored = "RL0108/RL0109";

    /// <summary>The heap itself refuses to have bytes read as references, should the verifier not.</summary>
    private const string StoredOrForged = Stored + "/OwnershipException";

    private static readonly Family Late = new("exchange references used late", Wall.Verifier);
    private static readonly Family Places = new("exchange references in places", Wall.Verifier);
    private static readonly Family Forged = new("forged tokens", Wall.Verifier);
    private static readonly Family Refused = new("forged tokens", Wall.Runtime);

    internal static readonly Attack[] All =
    [
        Late.Code("use after free", "to read what the next owner writes", Dead,
            "var r = RRef<int>.Allocate(context); var s = r; RRef<int>.Free(context, ref r); return s.Borrow(context);"),
        Late.Code("borrow after free", "to write into the next owner's block", "RL0106/RL0102/RL0109",
            "var r = RRef<int>.Allocate(context); ref int p = ref r.BorrowMutable(context); RRef<int>.Free(context, ref r); "
                + "p = 1;"),
        Late.Code("span after free", "to write into the next owner's pages", "RL0106/RL0102",
            "var r = PageBuffer.Allocate(context); Span<byte> s = r.BorrowMutable(context); PageBuffer.Free(context, ref "
                + "r); s[0] = 1;"),
        Late.Code("array's span after free", "to write into the next owner's block", "RL0106/RL0102",
            "var r = RRefArray<byte>.Allocate(context, 64); Span<byte> s = r.BorrowMutable(context); "
                + "RRefArray<byte>.Free(context, ref r); s[0] = 1;"),
        Late.Code("slice of a span after free", "to hide the origin of a span behind a slice", "RL0106/RL0102",
            "var r = PageBuffer.Allocate(context); Span<byte> s = r.BorrowMutable(context)[8..].Slice(8); "
                + "PageBuffer.Free(context, ref r); s[0] = 1;"),
        Late.Code("span through a method of its own", "to hide the origin of a span behind a call", "RL0106/RL0102",
            "var r = PageBuffer.Allocate(context); Span<byte> s = Same(r.BorrowMutable(context)); PageBuffer.Free(context, "
                + "ref r); s[0] = 1;",
            "static Span<byte> Same(Span<byte> s) => s;"),
        Late.Code("span in a struct of its own", "to hide the origin of a span in a field", "RL0106/RL0102",
            "var r = PageBuffer.Allocate(context); var h = new Holder { S = r.BorrowMutable(context) }; "
                + "PageBuffer.Free(context, ref r); h.S[0] = 1;",
            types: "ref struct Holder { public Span<byte> S; }"),
        Late.Code("free on one path only", "to use what may be gone", "RL0103/RL0101/RL0102/RL0109/NullReferenceException",
            "var r = RRef<int>.Allocate(context); if (context.UptimeMicros > 0) RRef<int>.Free(context, ref r); return "
                + "r.Borrow(context);").At(Wall.Runtime),
        Late.Code("borrow that one path frees", "to use what may be gone", "RL0103/RL0106/RL0102",
            "var r = RRef<int>.Allocate(context); ref int p = ref r.BorrowMutable(context); if (context.UptimeMicros > 0) "
                + "RRef<int>.Free(context, ref r); p = 1;"),
        Late.Code("free of a copy", "to free a block twice", Copied,
            "var r = RRef<int>.Allocate(context); var s = r; RRef<int>.Free(context, ref r); RRef<int>.Free(context, ref s);"),
        Late.Code("move in a loop", "to give the same block again and again", "RL0105/RL0101/RL0103",
            "var r = RRef<int>.Allocate(context); for (int i = 0; i < 2; i++) Eat(context, r);",
            "static void Eat(CallContext c, RRef<int> r) => RRef<int>.Free(c, ref r);"),
        Late.Code("move, then borrow", "to write into what it has given away", "RL0101/RL0106",
            "var r = RRef<int>.Allocate(context); ref int p = ref r.BorrowMutable(context); Eat(context, r); p = 1;",
            "static void Eat(CallContext c, RRef<int> r) => RRef<int>.Free(c, ref r);"),
        Late.Code("free through another name", "to free behind the back of a borrow", "RL0106/RL0102/RL0109/RL0103",
            "var r = RRef<int>.Allocate(context); ref RRef<int> alias = ref r; ref int p = ref r.BorrowMutable(context); "
                + "RRef<int>.Free(context, ref alias); p = 1;"),
        Late.Code("free through a parameter", "to free behind the back of a borrow", "RL0106/RL0102/RL0109/RL0103",
            "var r = RRef<int>.Allocate(context); ref int p = ref r.BorrowMutable(context); Eat(context, ref r); p = 1;",
            "static void Eat(CallContext c, ref RRef<int> r) => RRef<int>.Free(c, ref r);"),
        Late.Code("overwritten while borrowed", "to lose a block while a borrow of it lives", "RL0106/RL0102/RL0103",
            "var r = RRef<int>.Allocate(context); ref int p = ref r.BorrowMutable(context); var q = r; "
                + "RRef<int>.Free(context, ref q); r = RRef<int>.Allocate(context); p = 1;"),
        Late.Code("borrow across a wait", "to hold a place while another thread frees it", "RL0107/RL0106",
            "var h = new Shared(); var r = RRef<int>.Allocate(context); h.C.Put(ref r); ref readonly int p = ref "
                + "h.C.Content.Borrow(context); KernelEvent.Create(context).Wait(context, 1); var t = h.C.Take(); "
                + "RRef<int>.Free(context, ref t); return p;",
            types: "class Shared { public Cell<RRef<int>> C; }"),
        Late.Code("caught in the middle", "to have a free skipped by an exception", "RL0103/RL0106/RL0101/RL0102",
            "var r = RRef<int>.Allocate(context); ref int p = ref r.BorrowMutable(context); try { RRef<int>.Free(context, "
                + "ref r); throw new InvalidOperationException(); } catch (InvalidOperationException) { p = 1; }"),
        Late.Code("freed in a finally", "to have a free on a path that the eye skips", "RL0106/RL0102/RL0103",
            "var r = RRef<int>.Allocate(context); ref int p = ref r.BorrowMutable(context); try { system.Sync(context); } "
                + "finally { RRef<int>.Free(context, ref r); } p = 1;"),
        Late.Assembly("dup", "to have two references to one block on the stack", Copied, pen =>
        {
            VariableDefinition one = pen.Local(pen.Type<RRef<int>>());
            VariableDefinition two = pen.Local(pen.Type<RRef<int>>());
            pen.Il.Emit(OpCodes.Ldarg_1);
            pen.Il.Emit(OpCodes.Call, pen.Method_(typeof(RRef<int>), "Allocate", typeof(CallContext)));
            pen.Il.Emit(OpCodes.Dup);
            pen.Il.Emit(OpCodes.Stloc, one);
            pen.Il.Emit(OpCodes.Stloc, two);
            Free(pen, one);
            Free(pen, two);
            pen.Exit();
        }),
        Late.Assembly("ldobj through an address", "to copy a reference without naming its local", Copied, pen =>
        {
            VariableDefinition one = pen.Local(pen.Type<RRef<int>>());
            VariableDefinition two = pen.Local(pen.Type<RRef<int>>());
            pen.Il.Emit(OpCodes.Ldarg_1);
            pen.Il.Emit(OpCodes.Call, pen.Method_(typeof(RRef<int>), "Allocate", typeof(CallContext)));
            pen.Il.Emit(OpCodes.Stloc, one);
            pen.Il.Emit(OpCodes.Ldloca, one);
            pen.Il.Emit(OpCodes.Ldobj, pen.Type<RRef<int>>());
            pen.Il.Emit(OpCodes.Stloc, two);
            Free(pen, one);
            Free(pen, two);
            pen.Exit();
        }),
        Late.Assembly("cpobj", "to copy a reference in one instruction", Copied + "/RL0402/RL0401", pen =>
        {
            VariableDefinition one = pen.Local(pen.Type<RRef<int>>());
            VariableDefinition two = pen.Local(pen.Type<RRef<int>>());
            pen.Il.Emit(OpCodes.Ldloca, two);
            pen.Il.Emit(OpCodes.Ldloca, one);
            pen.Il.Emit(OpCodes.Cpobj, pen.Type<RRef<int>>());
            Free(pen, two);
            pen.Exit();
        }),

        Places.Code("field", "to keep a reference where moves are not seen", Stored, "", "RRef<int> kept;"),
        Places.Code("field of a struct", "to copy a reference with its struct", Stored, "",
            types: "struct S { public RRef<int> R; }"),
        Places.Code("array", "to keep references where moves are not seen", Stored,
            "var a = new RRef<int>[2]; a[0] = RRef<int>.Allocate(context); a[1] = a[0];"),
        Places.Code("box", "to copy a reference by unboxing it twice", Stored,
            "object o = RRef<int>.Allocate(context); var a = (RRef<int>)o; var b = (RRef<int>)o;"),
        Places.Code("closure", "to have a reference moved by a delegate", Stored,
            "var r = RRef<int>.Allocate(context); Func<bool> f = () => r.IsNull; f();"),
        Places.Code("tuple", "to copy a reference with its tuple", Stored,
            "var t = (RRef<int>.Allocate(context), 1); var u = t;"),
        Places.Code("list", "to keep references in the framework", Stored,
            "var l = new List<RRef<int>> { RRef<int>.Allocate(context) }; var a = l[0]; var b = l[0];"),
        Places.Code("generic method", "to copy a reference under another type's name", Stored,
            "Twice(RRef<int>.Allocate(context));", "static (T, T) Twice<T>(T t) => (t, t);"),
        Places.Code("iterator", "to keep a reference in a state machine", Stored,
            "foreach (bool b in All(RRef<int>.Allocate(context))) { }",
                "static IEnumerable<bool> All(RRef<int> r) { yield return r.IsNull; yield return r.IsNull; }"),
        Places.Code("copy of a cell", "to have two cells of one reference", Copied,
            "var r = RRef<int>.Allocate(context); Cell<RRef<int>> c = default; c.Put(ref r); Cell<RRef<int>> d = c; var a = "
                + "c.Take(); var b = d.Take();"),
        Places.Code("copy of a cell's content", "to look at a reference and keep it", Copied,
            "var r = RRef<int>.Allocate(context); Cell<RRef<int>> c = default; c.Put(ref r); RRef<int> a = c.Content; "
                + "RRef<int> b = c.Take(); RRef<int>.Free(context, ref a); RRef<int>.Free(context, ref b);"),
        Places.Code("copy through in", "to copy what was only shown", Copied,
            "var r = RRef<int>.Allocate(context); Keep(in r);", "static RRef<int> Keep(in RRef<int> r) => r;"),
        Places.Code("record", "to have the compiler write the copies", Stored, "", types: "record struct S(RRef<int> R);"),

        Forged.Code("pages read as references", "to make references out of bytes, with the kernel's own method", StoredOrForged,
            "var p = PageBuffer.Allocate(context); p.BorrowAs<ulong>(context)[0] = 0x10000; p.BorrowAs<ulong>(context)[1] = "
                + "1; p.BorrowAs<RRef<long>>(context)[0].BorrowMutable(context) = 1;"),
        Forged.Code("pages read as answers", "to forge a fault out of bytes", "RL0108/RL0109/RL0002/RL0001/OwnershipException",
            "var p = PageBuffer.Allocate(context); p.BorrowAs<int>(context).Fill(-1); return p.BorrowAs<Reply<int, "
                + "Errno>>(context)[0].IsFault ? 66 : 0;").At(Wall.Runtime),
        Forged.Code("pages read as page buffers", "to own pages that are another's", StoredOrForged,
            "var p = PageBuffer.Allocate(context); p.BorrowAs<ulong>(context)[0] = 0x10000; "
                + "p.BorrowAs<PageBuffer>(context)[0].GetLength(context);"),
        Forged.Code("pages read as cells", "to forge a reference inside a cell", StoredOrForged,
            "var p = PageBuffer.Allocate(context); p.BorrowAs<ulong>(context)[0] = 0x10000; var r = "
                + "p.BorrowAs<Cell<RRef<long>>>(context)[0].Take(); r.BorrowMutable(context) = 1;"),
        Forged.Code("pages read as a struct with a reference", "to hide the reference in a struct", StoredOrForged,
            "var p = PageBuffer.Allocate(context); p.BorrowAs<ulong>(context)[0] = 0x10000; "
                + "p.BorrowAs<S>(context)[0].R.Take().BorrowMutable(context) = 1;",
            types: "struct S { public Cell<RRef<long>> R; }"),
        Forged.Code("exchange array of references", "to have references lie in the exchange heap", StoredOrForged,
            "var a = RRefArray<RRef<int>>.Allocate(context, 2); a.BorrowMutable(context)[0] = RRef<int>.Allocate(context);"),
        Forged.Code("reference to a reference", "to have references lie in the exchange heap", StoredOrForged,
            "var r = RRef<RRef<int>>.Allocate(context); r.BorrowMutable(context) = RRef<int>.Allocate(context);"),
        Forged.Assembly("answer without a value", "to return bits of the stack as an answer", "RL0401/RL0012", pen =>
        {
            VariableDefinition reply = pen.Local(pen.Method.ReturnType);
            pen.Body.InitLocals = false;
            pen.Il.Emit(OpCodes.Ldloc, reply);
            pen.Il.Emit(OpCodes.Ret);
        }),
        Refused.Code("default context", "to call in nobody's name", "NullReferenceException", "system.Sync(default);"),
        Refused.Code("default context for memory", "to allocate in nobody's name", "NullReferenceException",
            "RRef<int>.Allocate(default);"),
        Refused.Code("default reference", "to borrow address nought", "NullReferenceException",
            "RRef<int> r = default; return r.Borrow(context);"),
        Refused.Code("default page buffer", "to free address nought", "NullReferenceException",
            "PageBuffer p = default; PageBuffer.Free(context, ref p);"),
        Refused.Code("default array", "to borrow a span of address nought", "NullReferenceException",
            "RRefArray<int> a = default; return a.Borrow(context).Length;"),
        Refused.Code("forged error below nought", "to pass an error off as a fault", "ArgumentOutOfRangeException",
            "Reply<int, Errno> r = (Errno)(-2); return r.IsFault ? 66 : 0;"),
        Refused.Code("error of a wide enumeration", "to have eight bytes read where four are", "NotSupportedException",
            "Reply<int, Wide> r = Wide.One; return 66;", types: "enum Wide : long { One = 1L << 40 }"),
        Refused.Code("length below nought", "to have an array of negative length", "ArgumentOutOfRangeException",
            "RRefArray<long>.Allocate(context, -1);"),
        Refused.Code("length that overflows", "to have the bytes of an array wrap round", "ArgumentOutOfRangeException",
            "RRefArray<long>.Allocate(context, (1 << 29) + 1);"),
        Refused.Code("pages without number", "to have a buffer of no page", "ArgumentOutOfRangeException",
            "PageBuffer.Allocate(context, 0);"),
        Refused.Code("free while lent", "to take a page from a device that still writes", "OwnershipException",
            "var p = PageBuffer.Allocate(context); p.Lend(context, LoanAccess.DeviceWrites); PageBuffer.Free(context, ref p);"),
        Refused.Code("loan ended twice", "to end what another has lent", "OwnershipException",
            "var p = PageBuffer.Allocate(context); p.Lend(context, LoanAccess.DeviceWrites); p.EndLoan(context); "
                + "p.EndLoan(context);"),
        Refused.Code("loan with unknown rights", "to have bits in the header that are not rights", "answer",
            "var p = PageBuffer.Allocate(context); p.Lend(context, (LoanAccess)0xff); p.EndLoan(context); "
                + "PageBuffer.Free(context, ref p);"),
        Refused.Code("cell filled twice", "to lose a reference in a cell", "InvalidOperationException",
            "var r = RRef<int>.Allocate(context); var s = RRef<int>.Allocate(context); Cell<RRef<int>> c = default; "
                + "c.Put(ref r); c.Put(ref s);"),
    ];

    private static void Free(Pen pen, VariableDefinition reference)
    {
        pen.Il.Emit(OpCodes.Ldarg_1);
        pen.Il.Emit(OpCodes.Ldloca, reference);
        pen.Il.Emit(OpCodes.Call, pen.Method_(typeof(RRef<int>), "Free", typeof(CallContext), typeof(RRef<int>).MakeByRefType()));
    }
}
