namespace RedLeafSharp.Tests.Rewriting;

/// <content>Statements without a block of their own, expressions, and the types that all programs share.</content>
internal sealed partial class RandomProgram
{
    private const string Locals = """
        long sum = a; int c = b; int[] values = new int[5]; string text = ""; Pair pair = new Pair(a, b); Func<int, int> twice = x => x * 2 + c;
        """;

    private const string Prelude = """
        using System;
        using System.Collections.Generic;
        using System.Linq;
        using System.Text;
        public class Error : Exception { }
        public sealed class SmallError : Error { }
        public struct Pair
        {
            public int Left, Right;
            public Pair(int left, int right) { Left = left; Right = right; }
            public void Add(int value) { Left += value; Right ^= Left; }
            public static int Of(in Pair pair) => pair.Left - pair.Right;
            public static void Swap(ref int left, ref int right) { int other = left; left = right; right = other; }
        }
        public abstract class Shape { public abstract int Area(int side); }
        public sealed class Square : Shape { public override int Area(int side) => side * side; }
        public sealed class Stripe : Shape { public override int Area(int side) => 100 / (side == 7 ? 0 : side | 1); }
        public sealed class Box<T> where T : struct
        {
            private readonly List<T> items = new();
            public T Put(T item, int count) { for (int i = count == 5 ? 4 : 0; i <= (count & 3); i++) { items.Add(item); } return items[0]; }
        }
        public static partial class Sample
        {
            private static int steps;
            public static long Hash;
            private static readonly Shape[] shapes = { new Square(), new Stripe() };
            public static void Reset() { steps = 2000; Hash = 17; }
            private static void Mix(long value) { Hash = (Hash ^ value) * 1099511628211; }
            private static bool Accepts(int value, Exception error)
            {
                Mix(value ^ error.GetType().Name.Length);
                return 7 % value >= 0;
            }
            private static T Pick<T>(T one, T two, bool first) { if (first) { return one; } return two; }
            private static int Parse(string text) => int.Parse(text);
            private static int TryParse(string text) => int.TryParse(text, out int value) ? value : text.Length;
        }
        """;

    private string Simple() => random.Next(17) switch
    {
        0 => $"a = {Number(3)};",
        1 => $"b = {Number(3)};",
        2 => $"c = {Number(2)};",
        3 => $"sum = sum * 31 + {Number(3)};",
        4 => $"Mix({Number(2)});",
        5 when Rarely => $"values[{Number(1)} & 7] = {Number(2)};",
        5 => $"values[({Number(1)} & 7) % values.Length] = {Number(2)};",
        6 => $"values = new int[({Number(2)} & 31) + {(Rarely ? -2 : 1)}];",
        7 => $"sum += F{random.Next(FunctionCount)}({Number(2)}, {Number(1)}, depth - 1);",
        8 => $"if (text.Length > 200) text = \"\"; text += $\"{{{Number(1)}}}\" + new StringBuilder().Append({Number(1)}).Append('x');",
        9 => $"pair.Add({Number(2)}); Mix(Pair.Of(in pair));",
        10 => "Pair.Swap(ref pair.Left, ref a);",
        11 => $"sum += shapes[{Number(1)} & 1].Area({Number(1)});",
        12 when Rarely => $"sum += ((Square)shapes[{Number(1)} & 1]).Area({Number(1)});",
        12 => $"if (shapes[{Number(1)} & 1] is Square square{++names}) sum -= square{names}.Area({Number(1)});",
        13 => $"c ^= twice({Number(1)});",
        14 => $"pair = new Box<Pair>().Put(Pick(pair, new Pair({Number(1)}, 1), {Condition()}), {Number(1)});",
        15 => $"Array.Sort(values, (x, y) => (x ^ c).CompareTo(y ^ {Variable()}));",
        _ => $"a = {(Rarely ? "Parse" : "TryParse")}(text) + G{random.Next(FunctionCount)}({Number(1)}, b).Take(3).Sum();",
    };

    /// <summary>Whether to write what nearly always throws.</summary>
    private bool Rarely => random.Next(12) == 0;

    /// <summary>Never a constant but as a right operand: the compiler refuses constants that overflow or divide by zero.</summary>
    private string Number(int depth) => depth == 0 || random.Next(3) == 0
        ? Variable()
        : random.Next(9) switch
        {
            0 => $"({Number(depth - 1)} / {Divisor(depth - 1)})",
            1 => $"({Number(depth - 1)} % {Divisor(depth - 1)})",
            2 => $"{(Rarely ? "checked" : string.Empty)}({Number(depth - 1)} * {Number(depth - 1)})",
            3 => $"({Number(depth - 1)} << {random.Next(8)})",
            4 => $"({Condition()} ? {Number(depth - 1)} : {Number(depth - 1)})",
            5 => $"({Number(depth - 1)} - {Number(depth - 1)})",
            6 => $"({Number(depth - 1)} ^ {random.Next(100)})",
            7 => $"({Number(depth - 1)} switch {{ < 0 => {Number(depth - 1)}, 1 => b, 2 => a, 3 => c, _ => {Variable()} }})",
            _ => $"({Number(depth - 1)} + {random.Next(-9, 99)})",
        };

    private string Divisor(int depth) => Rarely ? Number(depth) : $"({Number(depth)} & 255 | 1)";

    private string Variable() => random.Next(7) switch
    {
        0 or 1 => "a",
        2 => "b",
        3 => "c",
        4 => "(int)sum",
        5 => "pair.Right",
        _ => "values[0]",
    };

    private string Condition() => random.Next(4) switch
    {
        0 => $"{Variable()} > {random.Next(-3, 12)}",
        1 => $"({Variable()} & {random.Next(1, 4)}) == 0",
        2 => $"{Variable()} < {Variable()}",
        _ => $"{Variable()} != 1 && (sum & 3) != {random.Next(4)}",
    };

    private string Thrown() => random.Next(4) switch { 0 => "Error", 1 => "SmallError", 2 => "FormatException", _ => "InvalidOperationException" };

    private string Caught() => random.Next(5) switch
    {
        0 => "Error",
        1 => "SmallError",
        2 => "ArithmeticException",
        3 => "IndexOutOfRangeException",
        _ => "Exception",
    };
}
