using Xunit;

namespace RedLeafSharp.Tests.Analyzers.Ownership;

/// <summary>RL0101, RL0102, RL0103 and RL0105: what is gone may not be used.</summary>
public sealed class UseAfterMoveTests
{
    public static TheoryData<string> Moved =>
    [
        "var r = New(context); Eat(r); {|RL0101:r|}.BorrowMutable(context).Length = 1;",
        "var r = New(context); Eat(r); Eat({|RL0101:r|});",
        "var r = New(context); sink.Put(context, r); sink.Put(context, {|RL0101:r|});",
        "var r = New(context); var reply = sink.Put(context, r); if (reply.IsFault) { RRef<Header>.Free(context, ref "
            + "{|RL0101:r|}); }",
        "var r = New(context); var q = r; Eat(q); _ = {|RL0101:r|}.Borrow(context).Length;",
        "var r = New(context); var q = r; Eat(q); Eat({|RL0101:r|});",
        "var r = New(context); Eat(r); if ({|RL0101:r|}.IsNull) { Work(); }",
        "var p = Pages(context); ring.Put(ref p); _ = {|RL0101:p|}.GetLength(context);",
        "var p = Pages(context); ring.Put(ref p); spare.Put(ref {|RL0101:p|});",
        "var p = Pages(context); ring.Put(ref p); PageBuffer.Free(context, ref {|RL0101:p|});",
        "var p = Pages(context); Both({|RL0106:p.Borrow(context)|}, p);",
        "var r = New(context); if (flag) { Eat(r); } else { sink.Put(context, r); } Eat({|RL0101:r|});",
        "var r = New(context); Eat(r); Change(ref {|RL0101:r|});",
        "var r = New(context); var q = flag ? r : default; _ = {|RL0103:r|}.Borrow(context).Length; Eat(q);",
        "Reply<RRef<Header>, SinkError> reply = sink.Take(context); if (!reply.IsOk) return; Eat(reply.Value); "
            + "Eat({|RL0101:reply|}.Value);",
        "switch (count) { case 1: { var r = New(context); Eat(r); Eat({|RL0101:r|}); break; } default: break; }",
        "try { Work(); } finally { var r = New(context); Eat(r); Eat({|RL0101:r|}); }",
    ];

    public static TheoryData<string> Freed =>
    [
        "var r = New(context); RRef<Header>.Free(context, ref r); _ = {|RL0102:r|}.Borrow(context).Length;",
        "var r = New(context); RRef<Header>.Free(context, ref r); RRef<Header>.Free(context, ref {|RL0102:r|});",
        "var r = New(context); RRef<Header>.Free(context, ref r); Eat({|RL0102:r|});",
        "var p = Pages(context); PageBuffer.Free(context, ref p); {|RL0102:p|}.Lend(context, LoanAccess.DeviceReads);",
        "var p = Pages(context); PageBuffer.Free(context, ref p); {|RL0102:p|}.Lend(context, LoanAccess.DeviceReads, context.Caller);",
        "var p = Pages(context); PageBuffer.Free(context, ref p); _ = {|RL0102:p|}.TryEndLoan(context);",
        "var r = New(context); try { Work(); } finally { RRef<Header>.Free(context, ref r); } Eat({|RL0102:r|});",
        "var r = New(context); Free(context, ref r); Free(context, ref {|RL0102:r|});",
    ];

    public static TheoryData<string> MovedOnSomePath =>
    [
        "var r = New(context); if (flag) { Eat(r); } Eat({|RL0103:r|});",
        "var r = New(context); if (flag) { RRef<Header>.Free(context, ref r); } RRef<Header>.Free(context, ref {|RL0103:r|});",
        "var r = New(context); if (flag) { Eat(r); } else { RRef<Header>.Free(context, ref r); } _ = "
            + "{|RL0103:r|}.Borrow(context).Length;",
        "var r = New(context); if (flag && Work() > 0) { Eat(r); } if (!{|RL0103:r|}.IsNull) { RRef<Header>.Free(context, ref "
            + "{|RL0103:r|}); }",
        "var r = New(context); try { Eat(r); } catch (InvalidOperationException) { RRef<Header>.Free(context, ref "
            + "{|RL0103:r|}); }",
        "var r = New(context); while (Work() > 0) { if (flag) { RRef<Header>.Free(context, ref r); break; } } Eat({|RL0103:r|});",
        "var r = New(context); _ = flag && Work() > 1 ? Copied(r) : 0; Eat({|RL0103:r|}); int Copied(RRef<Header> x) { "
            + "Eat(x); return 1; }",
    ];

    public static TheoryData<string> MovedInLoop =>
    [
        "var r = New(context); while (flag) { Eat({|RL0105:r|}); }",
        "var r = New(context); for (int i = 0; i < count; i++) { sink.Put(context, {|RL0105:r|}); }",
        "var r = New(context); do { Eat({|RL0105:r|}); } while (flag);",
        "var r = New(context); foreach (int i in new int[3]) { RRef<Header>.Free(context, ref {|RL0105:r|}); }",
        "var p = Pages(context); for (int i = 0; i < 8; i++) { cells[i].Put(ref {|RL0105:p|}); }",
        "var r = New(context); again: Eat({|RL0105:r|}); if (flag) goto again;",
    ];

    public static TheoryData<string> Fine =>
    [
        "var r = New(context); r.BorrowMutable(context).Length = 1; Eat(r);",
        "var r = New(context); Eat(r); r = New(context); RRef<Header>.Free(context, ref r);",
        "var r = New(context); if (flag) { Eat(r); return; } Eat(r);",
        "var r = New(context); if (flag) { Eat(r); } else { RRef<Header>.Free(context, ref r); }",
        "for (int i = 0; i < count; i++) { var r = New(context); Eat(r); }",
        "var r = New(context); while (true) { if (flag) { Eat(r); break; } Work(); }",
        "var r = New(context); for (int i = 0; i < 3; i++) { Eat(r); r = New(context); } Eat(r);",
        "var p = Pages(context); if (flag) { ring.Put(ref p); } if (!p.IsNull) { PageBuffer.Free(context, ref p); }",
        "var p = ring.Take(); if (p.IsNull) { return; } PageBuffer.Free(context, ref p);",
        "var p = ring.Take(); ring.Put(ref p);",
        "var r = flag ? New(context) : default; if (!r.IsNull) { Eat(r); }",
        "var a = New(context); var b = New(context); (a, b) = (b, a); Eat(a); Eat(b);",
        "RRef<Header> r = default; if (flag) { r = New(context); } Eat(r);",
        "var r = New(context); Change(ref r); Change(ref r);",
        "RRef<Header> r; if (flag) { r = New(context); } else { r = New(context); } Eat(r);",
        "var reply = sink.Take(context); if (!reply.IsOk) { return; } var r = reply.Value; Eat(r);",
        "var reply = sink.Take(context); if (reply.IsOk) { Eat(reply.Value); }",
        "var reply = sink.Take(context); if (reply.IsFault) { return; } if (reply.Error != SinkError.None) { return; } "
            + "Eat(reply.Value);",
        "Eat(New(context)); Eat(sink.Take(context).Value);",
        "var r = New(context); var header = r.Borrow(context); Eat(r); _ = header.Length;",
        "var p = Pages(context); p.Lend(context, LoanAccess.DeviceReads); p.EndLoan(context); PageBuffer.Free(context, ref p);",
        "var p = Pages(context); p.Lend(context, LoanAccess.DeviceReads, context.Caller); if (p.TryEndLoan(context)) { } "
            + "PageBuffer.Free(context, ref p);",
        "var r = New(context); Eat(count > 1 ? r : r);",
        "var r = New(context); switch (count) { case 0: Eat(r); break; case 1: RRef<Header>.Free(context, ref r); break; "
            + "default: Eat(r); break; }",
        "var r = New(context); bool isEmpty = r.IsNull; if (isEmpty) { return; } Eat(r);",
    ];

    [Theory]
    [MemberData(nameof(Moved))]
    public void Use_AfterTheMove_IsReported(string body) => OwnershipSnippet.ExpectBody(body);

    [Theory]
    [MemberData(nameof(Freed))]
    public void Use_AfterTheFree_IsReported(string body) => OwnershipSnippet.ExpectBody(body);

    [Theory]
    [MemberData(nameof(MovedOnSomePath))]
    public void Use_WhereSomePathHasMoved_IsReported(string body) => OwnershipSnippet.ExpectBody(body);

    [Theory]
    [MemberData(nameof(MovedInLoop))]
    public void Move_InALoop_IsReported(string body) => OwnershipSnippet.ExpectBody(body);

    [Theory]
    [MemberData(nameof(Fine))]
    public void Use_OfWhatIsOwned_IsSilent(string body) => OwnershipSnippet.ExpectBody(body);

    [Fact]
    public void Parameter_MovedTwice_IsReported() => OwnershipSnippet.ExpectMembers(
        "public void M(RRef<Header> r) { Eat(r); Eat({|RL0101:r|}); }");

    [Fact]
    public void Parameters_OfAPartialMethod_AreItsOwn() => OwnershipSnippet.ExpectSource(
        """
        public abstract partial class Subject : Base
        {
            public partial void Good(RRef<Header> r);
            public partial void Good(RRef<Header> r) => Eat(r);
            public partial void Bad(RRef<Header> r);
            public partial void Bad(RRef<Header> {|RL0104:r|}) { }
        }
        """);

    [Fact]
    public void Variables_OfLambdasAndLocalFunctions_AreFollowed() => OwnershipSnippet.ExpectMembers(
        """
        public delegate void Eater(RRef<Header> value);
        public void M()
        {
            Eater eater = r => { Eat(r); Eat({|RL0101:r|}); };
            void Local(RRef<Header> r) { Eat(r); Eat({|RL0101:r|}); }
            eater(default);
            Local(default);
        }
        """);
}
