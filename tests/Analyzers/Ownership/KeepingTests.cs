using Xunit;

namespace RedLeafSharp.Tests.Analyzers.Ownership;

/// <summary>RL0108 and RL0109: a reference is in one place, and that place is a local or a cell.</summary>
public sealed class KeepingTests
{
    public static TheoryData<string> KeptInMembers =>
    [
        "private RRef<Header> {|RL0108:field|};",
        "private static PageBuffer {|RL0108:field|};",
        "public RRefArray<byte> {|RL0108:Property|} { get; set; }",
        "private {|RL0108:PageBuffer[]|} field = null!;",
        "public struct Pair { public RRef<Header> {|RL0108:Value|}; public int Number; }",
        "private {|RL0109:List<PageBuffer>|} field = null!;",
        "private {|RL0109:PageBuffer?|} field;",
        "private {|RL0109:(PageBuffer, int)|} field;",
        "private Reply<PageBuffer, SinkError> {|RL0108:field|};",
        "public record struct Pair(int Number, PageBuffer {|RL0108:Pages|});",
        "public Action M(RRef<Header> r) { Action later = () => Eat({|RL0108:r|}); Eat(r); return later; }",
        "public void M(RRef<Header> r) { Local(); Eat(r); void Local() { Eat({|RL0108:r|}); } }",
        "public sealed class Holder(PageBuffer pages) { public void M(CallContext context) { _ = "
            + "{|RL0108:pages|}.GetLength(context); } }",
        "private Cell<PageBuffer> good; private Cell<RRef<Header>>[] fine = new Cell<RRef<Header>>[3]; private Reply<int, "
            + "SinkError> plain;",
        "public PageBuffer Taken => ring.Take();",
        "public delegate void Sink(PageBuffer pages); public void M(Sink sink, Action<PageBuffer> action, CallContext "
            + "context) { sink(Pages(context)); action(Pages(context)); }",
    ];

    public static TheoryData<string> KeptInBodies =>
    [
        "var r = New(context); object o = {|RL0108:r|}; _ = o;",
        "var r = New(context); IExchangeReference o = {|RL0108:r|}; _ = o;",
        "var r = New(context); _ = {|RL0108:r|}.ToString(); Eat(r);",
        "var r = New(context); _ = {|RL0108:r|}.GetHashCode(); Eat(r);",
        "var r = New(context); _ = $\"{{|RL0108:r|}}\"; Eat(r);",
        "var a = {|RL0108:new[] { New(context) }|}; _ = a;",
        "var a = new {|RL0108:PageBuffer[3]|}; _ = a;",
        "var a = new { Value = {|RL0109:New(context)|} }; _ = a;",
        "var r = New(context); dynamic d = {|RL0108:r|}; _ = d;",
    ];

    public static TheoryData<string> Copied =>
    [
        "var p = {|RL0109:ring.Content|}; EatPages(p);",
        "EatPages({|RL0109:ring.Content|});",
        "EatPages({|RL0109:cells[2].Content|});",
        "ref readonly PageBuffer b = ref ring.Content; EatPages({|RL0109:b|});",
        "var p = Pages(context); ref PageBuffer q = ref {|RL0109:p|}; PageBuffer.Free(context, ref q); EatPages(p);",
        "var r = New(context); if (r is {|RL0109:{ IsNull: false } q|}) { _ = q.IsNull; } Eat(r);",
        "var r = New(context); if (r is {|RL0109:var q|}) { _ = q.IsNull; } Eat(r);",
        "var r = New(context); var t = ({|RL0109:r|}, 1); _ = t.Item2;",
        "var r = New(context); {|RL0109:RRef<Header>?|} n = {|RL0109:r|}; _ = n;",
        "var r = New(context); var q = Copy({|RL0109:r|}); Eat(q);",
        "{|RL0109:List<PageBuffer>|} list = null!; _ = list;",
        "Func<RRef<Header>, RRef<Header>>? f = null; _ = f;",
        "Func<PageBuffer, PageBuffer> f = {|RL0109:Copy|}; _ = f;",
        "var copy = {|RL0109:ring|}; copy.IsEmpty.ToString();",
        "var copy = {|RL0109:cells[1]|}; _ = copy.IsEmpty;",
        "cells[0] = {|RL0109:ring|};",
        "_ = Copy({|RL0109:ring|}).IsEmpty;",
    ];

    public static TheoryData<string> CopiedInMembers =>
    [
        "public void M(in RRef<Header> r) { Eat({|RL0109:r|}); }",
        "public void M(ref readonly RRef<Header> r) { var q = {|RL0109:r|}; Eat(q); }",
        "public void M(ref RRef<Header> r) { Eat({|RL0109:r|}); }",
        "public void M(ref RRef<Header> r) { Eat(r); r = default; }",
        "public int M(CallContext context, in RRef<Header> r) => r.Borrow(context).Length;",
        "public {|RL0109:(RRef<Header>, int)|} M(CallContext context) => ({|RL0109:New(context)|}, 1);",
        "public IEnumerable<int> M(RRef<Header> {|RL0109:r|}) { yield return 1; Eat(r); }",
        "public IEnumerable<int> M() { RRef<Header> {|RL0109:r|} = default; yield return 1; Eat(r); }",
        "private readonly Cell<PageBuffer> fixedCell; public PageBuffer M() => {|RL0109:fixedCell|}.Take();",
        "public PageBuffer M(in Cell<PageBuffer> cell) => {|RL0109:cell|}.Take();",
        "public PageBuffer M(ref Cell<PageBuffer> cell) => cell.Take();",
        "public bool M(in Cell<PageBuffer> cell) => cell.IsEmpty;",
        "public struct Slot { public Cell<PageBuffer> Cell; public int Number; } private Slot slot; public Slot M() => "
            + "{|RL0109:slot|};",
        "public struct Slot { public Cell<PageBuffer> Cell; public int Number; } private Slot slot; public int M() { ref Slot "
            + "s = ref slot; s.Number++; return slot.Number; }",
        "public record struct Slot(Cell<PageBuffer> Cell, int Number); private Slot slot; public void M() { slot = "
            + "{|RL0109:slot|} with { Number = 1 }; }",
        "public static void Keep<T>(ref Cell<T> cell, T value) where T : struct, IExchangeReference { cell.Put(ref value); } "
            + "public void M(CallContext context) { Keep(ref ring, Pages(context)); }",
        "public static void Twice<T>(T value, ref Cell<T> a, ref Cell<T> b) where T : struct, IExchangeReference { a.Put(ref "
            + "value); b.Put(ref {|RL0101:value|}); }",
    ];

    [Theory]
    [MemberData(nameof(KeptInMembers))]
    public void Member_ThatKeepsAReference_IsReported(string members) => OwnershipSnippet.ExpectMembers(members);

    [Theory]
    [MemberData(nameof(KeptInBodies))]
    public void Expression_ThatKeepsAReference_IsReported(string body) => OwnershipSnippet.ExpectBody(body);

    [Theory]
    [MemberData(nameof(Copied))]
    public void Expression_ThatCopies_IsReported(string body) => OwnershipSnippet.ExpectBody(body);

    [Theory]
    [MemberData(nameof(CopiedInMembers))]
    public void Member_ThatCopies_IsReported(string members) => OwnershipSnippet.ExpectMembers(members);

    [Fact]
    public void Cells_CopiedByTheFramework_KnownFalseNegative() => OwnershipSnippet.ExpectBody(
        "Array.Copy(cells, new Cell<PageBuffer>[8], 8); Array.Resize(ref cells, 16); _ = cells.Clone();");
}
