using Xunit;

namespace RedLeafSharp.Tests.Analyzers.Ownership;

/// <summary>RL0104: each path frees, moves or keeps in a cell what it owns.</summary>
public sealed class LeakTests
{
    public static TheoryData<string> Lost =>
    [
        "var {|RL0104:r|} = New(context); r.BorrowMutable(context).Length = 1;",
        "var {|RL0104:r|} = New(context); if (flag) { return; } Eat(r);",
        "var {|RL0104:r|} = New(context); if (flag) { throw new InvalidOperationException(); } Eat(r);",
        "var {|RL0104:r|} = New(context); try { Work(); Eat(r); } catch (InvalidOperationException) { }",
        "for (int i = 0; i < count; i++) { var {|RL0104:r|} = New(context); if (i == 3) { continue; } Eat(r); }",
        "for (int i = 0; i < count; i++) { var {|RL0104:r|} = New(context); if (i == 3) { break; } Eat(r); }",
        "var r = New(context); {|RL0104:r|} = New(context); Eat(r);",
        "var r = New(context); {|RL0104:r|} = default;",
        "{|RL0104:New(context)|};",
        "_ = {|RL0104:New(context)|};",
        "_ = {|RL0104:New(context)|}.Borrow(context).Length;",
        "{|RL0104:ring.Take()|};",
        "{|RL0104:sink.Take(context)|};",
        "_ = {|RL0104:sink.Take(context)|}.IsOk;",
        "if (!PageBuffer.TryAllocate(context, 1, out PageBuffer {|RL0104:p|})) { return; } See(p.Borrow(context));",
        "if (TryMake(out var {|RL0104:r|})) { Work(); }",
        "TryMake(out {|RL0104:_|});",
        "Fill(out var {|RL0104:r|}); Work();",
        "var {|RL0104:reply|} = sink.Take(context); if (reply.IsOk) { Work(); }",
        "var r = New(context); Fill(out {|RL0104:r|}); Eat(r);",
        "var {|RL0104:r|} = New(context); switch (count) { case 0: Eat(r); break; case 1: break; default: Eat(r); break; }",
        "var {|RL0104:r|} = New(context); try { if (flag) { return; } Eat(r); } finally { Work(); }",
        "var {|RL0104:a|} = New(context); var b = a; a = New(context); Eat(b);",
    ];

    public static TheoryData<string> Kept =>
    [
        "if (count == 0 || !PageBuffer.TryAllocate(context, 1, out PageBuffer p)) { return; } ring.Put(ref p);",
        "if (PageBuffer.TryAllocate(context, 1, out PageBuffer p)) { ring.Put(ref p); }",
        "bool isMade = TryMake(out var r); if (!isMade) { return; } Eat(r);",
        "if (Make(out var r) != 0) { return; } Eat(r);",
        "var r = New(context); try { Work(); } finally { RRef<Header>.Free(context, ref r); }",
        "var r = New(context); try { if (flag) { return; } Work(); } finally { RRef<Header>.Free(context, ref r); }",
        "var r = New(context); try { Work(); } catch (InvalidOperationException) { RRef<Header>.Free(context, ref r); return; "
            + "} Eat(r);",
        "var r = New(context); Work(); Eat(r);",
        "RRef<Header> r = default; try { r = New(context); Work(); } finally { if (!r.IsNull) { RRef<Header>.Free(context, "
            + "ref r); } }",
        "var reply = sink.Take(context); if (!reply.IsOk) { Work(); return; } Eat(reply.Value);",
        "var reply = sink.Take(context); if (reply.Fault == Fault.CalleeDead) { return; } Eat(reply.Value);",
        "var reply = sink.Take(context); if (reply is { IsOk: false }) { return; } Eat(reply.Value);",
        "var r = New(context); try { throw new InvalidOperationException(); } finally { RRef<Header>.Free(context, ref r); }",
        "var r = New(context); while (Work() > 0) { if (flag) { RRef<Header>.Free(context, ref r); return; } } Eat(r);",
        "var r = New(context); if (r.IsNull) { return; } Eat(r);",
    ];

    public static TheoryData<string> Members =>
    [
        "public Reply<Unit, SinkError> Put(CallContext context, RRef<Header> {|RL0104:value|}) => SinkError.Full;",
        "public void M(CallContext context, RRef<Header> {|RL0104:value|}, bool flag) { if (flag) { return; } Eat(value); }",
        "public Reply<Unit, SinkError> Put(CallContext context, RRef<Header> value) { RRef<Header>.Free(context, ref value); "
            + "return SinkError.Full; }",
        "public RRef<Header> M(CallContext context) { var r = New(context); r.BorrowMutable(context).Length = 1; return r; }",
        "public Reply<RRef<Header>, SinkError> M(CallContext context, bool flag) { if (flag) { return SinkError.Full; } "
            + "return New(context); }",
        "public Reply<RRef<Header>, SinkError> M(CallContext context) { var r = New(context); return Reply<RRef<Header>, "
            + "SinkError>.Ok(r); }",
        "public bool TryM(CallContext context, out RRef<Header> value) { value = New(context); return true; }",
        "public void M(CallContext context, ref RRef<Header> value) { RRef<Header>.Free(context, ref value); value = "
            + "New(context); }",
        "public Reply<RRef<Header>, SinkError> M(CallContext context, ISink sink) { var reply = sink.Take(context); return "
            + "reply; }",
        "public Errno M(CallContext context, ISink sink) { var reply = sink.Take(context); if (reply.Error == SinkError.Full) "
            + "{ return Errno.NoSpace; } Eat(reply.Value); return Errno.None; }",
        "public SinkError M(CallContext context, ISink sink) { var reply = sink.Take(context); if (!reply.IsOk) { return "
            + "reply.Error; } Eat(reply.Value); return SinkError.None; }",
    ];

    [Theory]
    [MemberData(nameof(Lost))]
    public void Reference_LostOnSomePath_IsReported(string body) => OwnershipSnippet.ExpectBody(body);

    [Theory]
    [MemberData(nameof(Kept))]
    public void Reference_HandedOnOnEachPath_IsSilent(string body) => OwnershipSnippet.ExpectBody(body);

    [Theory]
    [MemberData(nameof(Members))]
    public void Parameter_OrResult_IsOwnedByWhoHasIt(string members) => OwnershipSnippet.ExpectMembers(members);

    [Fact]
    public void Leak_BehindAStatusCode_KnownFalseNegative() => OwnershipSnippet.ExpectBody(
        "if (Make(out var r) == 0) { Work(); }");

    [Fact]
    public void Leak_ByAnExceptionOfACallThatTheCallerCatches_KnownFalseNegative() => OwnershipSnippet.ExpectMembers(
        """
        public void M(CallContext context) { var r = New(context); Work(); Eat(r); }
        public void N(CallContext context) { try { M(context); } catch (InvalidOperationException) { } }
        """);

    [Fact]
    public void Leak_ByClearingACell_KnownFalseNegative() => OwnershipSnippet.ExpectBody("ring = default;");
}
