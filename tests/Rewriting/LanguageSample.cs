namespace RedLeafSharp.Tests.Rewriting;

/// <summary>
/// One C# program with every shape of control flow that planting must not break. <c>Sample.Run</c> runs all of it and
/// returns a text; <c>Opened</c> and <c>Closed</c> count entries into try blocks and their finally blocks.
/// </summary>
internal static partial class LanguageSample
{
    internal const string Source = Functions + Types;

    private const string Functions = """
        using System;
        using System.Collections.Generic;
        using System.Linq;

        public static class Sample
        {
            public static int Opened;
            public static int Closed;

            public static string Run() => string.Join("|",
                Finally(3), Catching("x"), Catching("7"), Filtered(1), Filtered(2), Filtered(3), Nested(), Each(Switch, 0, 1, 2, 3, 4, 9),
                Each(number => Text(Names[number]), 0, 1, 2, 3, 4, 5, 6, 7), Loops(5), string.Join(",", Numbers(4)), Generic<int>.Echo(4),
                Generic<string>.Echo("s"), new Derived(5).Sum, new Derived(true).Sum, new Point(1, 2).Length, Ternary(1), Ternary(-1), Ternary(0),
                Match(new Derived(3)), Match("abc"), Match(12), Match(2), Match(null), Lambda(3), Local(4), Using(), Far(9), Coalesce(null), Coalesce("four"), Catching("9"),
                new Record(1, "r"), Refs(), Checked(), Goto(3), Spans("a,b"), default(Structure).Read(), Late(0), Late(1));

            static string[] Names => "one two three four five six seven eight".Split();

            static string Each(Func<int, int> function, params int[] values) => string.Join(",", values.Select(function));

            static int Finally(int count)
            {
                int sum = 0;
                for (int i = 0; i < count; i++)
                {
                    Opened++;
                    try
                    {
                        if (i == 1)
                        {
                            continue;
                        }

                        sum += i;
                    }
                    finally
                    {
                        Closed++;
                    }
                }

                return sum;
            }

            static string Catching(string text)
            {
                try
                {
                    return int.Parse(text).ToString();
                }
                catch (FormatException exception)
                {
                    return exception.GetType().Name;
                }
            }

            static int Filtered(int kind)
            {
                int seen = 0;
                try
                {
                    throw new InvalidOperationException(kind.ToString());
                }
                catch (InvalidOperationException e) when (Accepts(e, kind, ref seen))
                {
                    seen += 100;
                }
                catch (InvalidOperationException e) when (
                    e.Message == "2" &&
                    seen > 0)
                {
                    seen += 200;
                }
                catch (Exception e) when (e is InvalidOperationException)
                {
                    seen += 300;
                }

                return seen;
            }

            static bool Accepts(Exception exception, int kind, ref int seen)
            {
                seen++;
                return kind == 1;
            }

            static int Nested()
            {
                int steps = 0;
                Opened++;
                try
                {
                    Opened++;
                    try
                    {
                        steps++;
                        throw new InvalidOperationException();
                    }
                    finally
                    {
                        steps += 10;
                        Closed++;
                    }
                }
                catch (InvalidOperationException)
                {
                    steps += 100;
                    return steps;
                }
                finally
                {
                    Closed++;
                }
            }

            static int Switch(int value)
            {
                switch (value)
                {
                    case 0: return 10;
                    case 1: return 11;
                    case 2: return 12;
                    case 3: goto case 1;
                    case 4: return 14;
                    default: break;
                }

                return -1;
            }

            static int Text(string text) => text switch
            {
                "one" => 1,
                "two" => 2,
                "three" => 3,
                "four" => 4,
                "five" => 5,
                "six" => 6,
                "seven" => 7,
                _ => 0,
            };

            static int Loops(int limit)
            {
                int sum = 0;
                int i = 0;
                while (true)
                {
                    if (i++ > limit)
                    {
                        break;
                    }

                    do
                    {
                        sum++;
                    }
                    while (sum % 3 != 0);
                }

                foreach (int each in new List<int> { 1, 2 })
                {
                    sum += each;
                }

                return sum;
            }

            static IEnumerable<int> Numbers(int count)
            {
                Opened++;
                try
                {
                    for (int i = 0; i < count; i++)
                    {
                        yield return i * i;
                    }
                }
                finally
                {
                    Closed++;
                }
            }

            static int Ternary(int value)
            {
                int result = value > 0 ? Positive(value) : value < 0 ? -Positive(-value) : 0;
                return result;
            }

            static int Positive(int value)
            {
                return value + 1;
            }

            static string Match(object value)
            {
                if (value is Derived { Sum: > 5 and < 100 } derived)
                {
                    return "derived" + derived.Sum;
                }

                return value switch
                {
                    string { Length: 3 } text => text.ToUpperInvariant(),
                    int number when number > 10 => "big",
                    null => "null",
                    _ => "other",
                };
            }

            static int Lambda(int seed)
            {
                int factor = seed;
                Func<int, int> times = value =>
                {
                    int product = value * factor;
                    return product;
                };
                return new[] { 1, 2, 3 }.Select(times).Sum();
            }

            static int Local(int value)
            {
                return Inner(value, 1);

                static int Inner(int value, int product)
                {
                    if (value <= 1)
                    {
                        return product;
                    }

                    return Inner(value - 1, product * value);
                }
            }

            static string Using()
            {
                using var resource = new Resource();
                return "used";
            }

            static int Far(int value)
            {
                int sum = 0;
                for (int i = 0; i < value; i++)
                {
                    if (i == 0) { sum += 1; }
                    if (i == 1) { sum += 2; }
                    if (i == 2) { sum += 3; }
                    if (i == 3) { sum += 4; }
                    if (i == 4) { sum += 5; }
                    if (i == 5) { sum += 6; }
                    sum += i;
                }

                return sum;
            }

            static string Coalesce(string text)
            {
                string result = text ?? "none";
                return result?.Length > 2 ? result : throw new InvalidOperationException();
            }

            static int Refs()
            {
                int[] values = { 1, 2, 3 };
                ref int middle = ref values[1];
                middle += 5;
                return values.Sum();
            }

            static int Checked()
            {
                int big = int.MaxValue;
                try
                {
                    return checked(big + Positive(0));
                }
                catch (OverflowException)
                {
                    return -7;
                }
            }

            static int Goto(int count)
            {
            again:
                count--;
                if (count > 0)
                {
                    goto again;
                }

                return count;
            }

            static int Spans(string text)
            {
                ReadOnlySpan<char> rest = text;
                int comma = rest.IndexOf(',');
                return rest[(comma + 1)..].Length;
            }

            static int Late(int value)
            {
                while (value < 3)
                {
                    Opened++;
                    try
                    {
                        value++;
                    }
                    finally
                    {
                        for (int i = 0; i < 2; i++)
                        {
                            value += i;
                        }

                        Closed++;
                    }
                }

                return value;
            }
        }
        """;
}
