using RedLeafSharp.Analyzers.Ownership;

namespace RedLeafSharp.Tests.Analyzers.Ownership;

/// <summary>Puts the body of a method, or members, into a domain class that has what snippets need.</summary>
internal static class OwnershipSnippet
{
    internal const string Prelude =
        """
        using System;
        using System.Collections.Generic;
        using System.Threading.Tasks;
        using RedLeafSharp;
        using RedLeafSharp.Contracts;
        namespace Sample;
        public struct Header { public int Length; public int Kind; }
        public enum SinkError { None, Full, Closed }
        [DomainContract]
        public interface ISink
        {
            Reply<Unit, SinkError> Put(CallContext context, RRef<Header> value);
            Reply<RRef<Header>, SinkError> Take(CallContext context);
        }
        public ref struct View
        {
            public Span<byte> Bytes; public View(Span<byte> bytes) { Bytes = bytes; } public int Length => Bytes.Length;
        }
        public abstract class Base
        {
            protected Cell<PageBuffer> ring;
            protected Cell<PageBuffer> spare;
            protected Cell<PageBuffer>[] cells = new Cell<PageBuffer>[8];
            protected abstract void Eat(RRef<Header> value);
            protected abstract void EatPages(PageBuffer pages);
            protected abstract void Both(ReadOnlySpan<byte> bytes, PageBuffer pages);
            protected abstract void See(ReadOnlySpan<byte> bytes);
            protected abstract void Change(ref RRef<Header> value);
            protected abstract bool TryMake(out RRef<Header> value);
            protected abstract int Make(out RRef<Header> value);
            protected abstract void Fill(out RRef<Header> value);
            protected static RRef<Header> New(CallContext context) => RRef<Header>.Allocate(context);
            protected static PageBuffer Pages(CallContext context) => PageBuffer.Allocate(context);
            protected static void Free(CallContext context, ref RRef<Header> value) => RRef<Header>.Free(context, ref value);
            protected static T Copy<T>(T value) => value;
            protected abstract int Work();
        }

        """;

    internal static void ExpectBody(string body) =>
        ExpectMembers($$"""
            public void Method(CallContext context, ISink sink, bool flag, int count)
            {
            {{body}}
            }
            """);

    internal static void ExpectMembers(string members) =>
        ExpectSource($$"""
            public abstract class Subject : Base
            {
            {{members}}
            }
            """);

    internal static void ExpectSource(string source) => AnalyzerHarness.Expect(new OwnershipAnalyzer(), Prelude + source);
}
