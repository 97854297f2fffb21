namespace RedLeafSharp.Tests.Rewriting;

/// <content>The types that the functions work on: constructor chains, generics, structs, records.</content>
internal static partial class LanguageSample
{
    private const string Types = """


        public sealed class Resource : IDisposable
        {
            public Resource()
            {
                Sample.Opened++;
            }

            public void Dispose()
            {
                Sample.Closed++;
            }
        }

        public class Base
        {
            public int Sum;

            protected Base(int value)
            {
                Sum = value;
            }
        }

        public sealed class Derived : Base
        {
            private readonly int extra = int.Parse("2");

            public Derived(int value)
                : base(value > 3 ? Twice(value) : value * 2)
            {
                Sum += extra;
            }

            public Derived(bool flag)
                : this(flag ? 1 : 0)
            {
                Sum++;
            }

            static int Twice(int value)
            {
                return value * 2;
            }
        }

        public static class Generic<T>
        {
            public static T Echo(T value)
            {
                var list = new List<T>();
                list.Add(value);
                return list[0];
            }
        }

        public readonly struct Point
        {
            public readonly int Length;

            public Point(int x, int y)
            {
                Length = x + y;
            }
        }

        public struct Structure
        {
            private int value;

            public int Read()
            {
                value += 3;
                return value;
            }
        }

        public sealed record Record(int Number, string Text);
        """;
}
