namespace RedLeafSharp.Tests.Safepoints;

/// <summary>
/// Code that does not want to end, in every way that C# offers. Each class has a Run; those that only a kill can end set
/// <c>Flag.Inside</c> first.
/// </summary>
internal static class AttackSample
{
    internal const string Source = """
        using System;
        using System.Collections.Generic;
        using System.Linq;

        public static class Flag { public static volatile bool Inside; public static int Count; }

        """ + Loops + Handlers + Recursions;

    private const string Loops = """
        public static class EmptyLoop { public static void Run() { Flag.Inside = true; while (true) { } } }
        public static class DoLoop { public static void Run() { do { Flag.Inside = true; } while (Flag.Inside); } }
        public static class GotoLoop { public static void Run() { again: Flag.Inside = true; goto again; } }
        public static class SwitchLoop
        {
            public static void Run()
            {
                for (int i = 0; ; i++)
                {
                    Flag.Inside = true;
                    switch (i & 3) { case 0: continue; case 1: Flag.Count++; break; case 2: Flag.Count--; continue; default: i = 0; break; }
                }
            }
        }
        public static class NestedLoops
        {
            public static void Run() { while (true) { for (int i = 0; i < 10; i++) { for (int j = 0; j < 10; j++) { Flag.Inside = true; } } } }
        }
        public static class IteratorLoop
        {
            static IEnumerable<int> Endless() { while (true) { yield return 1; } }
            public static void Run() { Flag.Inside = true; foreach (int i in Endless()) { Flag.Count += i; } }
        }
        public static class LibraryLoop
        {
            sealed class Endless : IEnumerable<int>, IEnumerator<int>
            {
                public IEnumerator<int> GetEnumerator() => this;
                System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => this;
                public bool MoveNext() => true;
                public int Current => 1;
                object System.Collections.IEnumerator.Current => 1;
                public void Reset() { }
                public void Dispose() { }
            }
            public static void Run() { Flag.Inside = true; Flag.Count = new Endless().Count(i => i > 1); }
        }
        public static class LeaveLoop
        {
            public static void Run() { while (true) { try { Flag.Inside = true; continue; } catch (InvalidOperationException) { } } }
        }
        public static class AllocatingLoop { public static void Run() { Flag.Inside = true; while (true) { Flag.Count += new byte[100_000].Length; } } }
        public static class StaticLoop
        {
            static class Late { internal static readonly int Value = Spin(); static int Spin() { Flag.Inside = true; while (true) { } } }
            public static void Run() => Flag.Count = Late.Value;
        }

        """;

    private const string Handlers = """
        public static class CatchAllLoop
        {
            public static void Run() { while (true) { try { Flag.Inside = true; while (true) { } } catch { } } }
        }
        public static class RetryLoop
        {
            public static void Run() { again: try { Flag.Inside = true; throw new InvalidOperationException(); } catch (Exception) { goto again; } }
        }
        public static class WrappingLoop
        {
            public static void Run()
            {
                while (true)
                {
                    try { try { Flag.Inside = true; while (true) { } } catch (Exception inner) { throw new InvalidOperationException("", inner); } }
                    catch (InvalidOperationException) { }
                }
            }
        }
        public static class FinallyLoop
        {
            public static void Run() { try { Flag.Count = 1; } finally { Flag.Inside = true; while (true) { Flag.Count++; } } }
        }
        public static class FinallyAfterDeath
        {
            static void Spin() { while (true) { Flag.Count++; } }
            public static void Run() { try { Flag.Inside = true; while (true) { } } finally { try { Spin(); } finally { while (true) { } } } }
        }
        public static class FilterLoop
        {
            static bool Spin() { Flag.Inside = true; while (true) { } }
            public static void Run() { try { throw new InvalidOperationException(); } catch (Exception) when (Spin()) { } }
        }
        public static class FilterAfterDeath
        {
            static bool Yes() => true;
            public static void Run() { while (true) { try { Flag.Inside = true; while (true) { } } catch (Exception) when (Yes()) { } } }
        }
        public static class DisposeLoop
        {
            sealed class Sticky : IDisposable { public void Dispose() { Flag.Inside = true; while (true) { } } }
            public static void Run() { using var sticky = new Sticky(); Flag.Count++; }
        }

        """;

    private const string Recursions = """
        public static class DirectRecursion { static int F(int n) => F(n + 1) + 1; public static void Run() => Flag.Count = F(0); }
        public static class MutualRecursion
        {
            static int F(int n) => G(n + 1) + 1;
            static int G(int n) => F(n + 1) + 2;
            public static void Run() => Flag.Count = F(0);
        }
        public static class InterfaceRecursion
        {
            interface INode { int Depth(); }
            sealed class Node : INode { internal INode Next; public int Depth() => Next.Depth() + 1; }
            public static void Run() { var node = new Node(); node.Next = node; Flag.Count = node.Depth(); }
        }
        public static class DelegateRecursion
        {
            public static void Run() { Func<int, int> f = null; f = n => f(n + 1) + 1; Flag.Count = f(0); }
        }
        public static class PropertyRecursion { static int P => P + 1; public static void Run() => Flag.Count = P; }
        public static class ConstructorRecursion
        {
            sealed class Node { internal readonly Node Next; internal Node() { Next = new Node(); } }
            public static void Run() => Flag.Count = new Node().Next is null ? 1 : 2;
        }
        public static class TextRecursion
        {
            sealed class Node { public override string ToString() => $"<{this}>"; }
            public static void Run() => Flag.Count = new Node().ToString().Length;
        }
        public static class SortRecursion
        {
            static int Compare(int left, int right) { Sort(); return left.CompareTo(right); }
            static void Sort() => new List<int> { 3, 1, 2 }.Sort(Compare);
            public static void Run() => Sort();
        }
        public static class CatchRecursion
        {
            static void F() { try { throw new InvalidOperationException(); } catch { F(); } }
            public static void Run() => F();
        }
        public static class FinallyRecursion
        {
            static void F() { try { throw new InvalidOperationException(); } finally { F(); } }
            public static void Run() => F();
        }
        public static class FilterRecursion
        {
            static bool F() { try { throw new InvalidOperationException(); } catch (Exception) when (F()) { return true; } }
            public static void Run() => F();
        }
        public static class IteratorRecursion
        {
            static IEnumerable<int> Count() { foreach (int i in Count()) { yield return i; } }
            public static void Run() { foreach (int i in Count()) { Flag.Count += i; } }
        }
        public static class GenericRecursion
        {
            struct Pair<T> { internal T Left, Right; }
            sealed class Box<T> { internal static int F(int n) => n > 1_000_000 ? 0 : Box<T>.F(n + 1) + 1; }
            public static void Run() => Flag.Count = Box<Pair<string>>.F(-1_000_000_000);
        }
        public static class CatchAllRecursion
        {
            static void F() { try { F(); F(); } catch { F(); F(); } }
            public static void Run() => F();
        }

        """;

    /// <summary>Fifty methods of which each calls the next one twice: no loop, no recursion, and 2^50 calls.</summary>
    internal static string CallTree { get; } = "public static class CallTree { public static void Run() { Flag.Inside = true; M0(); } "
        + string.Concat(Enumerable.Range(0, 50).Select(i => $"static void M{i}() {{ M{i + 1}(); Flag.Count++; M{i + 1}(); }} "))
        + "static void M50() { Flag.Count++; } }\n";
}
