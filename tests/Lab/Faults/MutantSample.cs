namespace RedLeafSharp.Tests.Lab.Faults;

/// <summary>Code to make mistakes in: what a driver's code is made of, with results that show each mistake. One statement a
/// line; a loop that a mistake makes endless runs out of fuel.</summary>
internal static class MutantSample
{
    internal const string Source = """
        using System.Text;
        public static class Sample
        {
            private static int fuel = 500;
            private static void Burn()
            {
                fuel--;
                if (fuel < 0)
                {
                    throw new System.TimeoutException();
                }
            }
            private sealed class Ring
            {
                internal readonly int[] Slots = new int[8];
                internal int Head;
                internal int Tail;
                internal int Dropped;
                internal bool Add(int value)
                {
                    int next = Tail + 1;
                    if (next == Slots.Length)
                    {
                        next = 0;
                    }
                    if (next == Head)
                    {
                        Dropped++;
                        return false;
                    }
                    Slots[Tail] = value;
                    Tail = next;
                    return true;
                }
                internal int Take()
                {
                    if (Head == Tail)
                    {
                        return -1;
                    }
                    int value = Slots[Head];
                    Slots[Head] = 0;
                    Head = Head + 1;
                    if (Head == Slots.Length)
                    {
                        Head = 0;
                    }
                    return value;
                }
            }
            public static string Run()
            {
                var text = new StringBuilder();
                RunRing(text);
                RunText(text);
                RunNumbers(text, 3, true);
                RunNumbers(text, 12, false);
                return text.ToString();
            }
            private static void RunRing(StringBuilder text)
            {
                var ring = new Ring();
                for (int value = 1; value < 20; value++)
                {
                    Burn();
                    bool isIn = ring.Add(value * 3);
                    if (!isIn || value == 4)
                    {
                        text.Append(ring.Take());
                        text.Append(',');
                    }
                    else
                    {
                        text.Append('+');
                    }
                }
                int left = ring.Take();
                while (left >= 0)
                {
                    Burn();
                    text.Append(left);
                    text.Append(' ');
                    left = ring.Take();
                }
                text.Append(ring.Dropped);
                text.Append(ring.Head);
                text.Append(ring.Tail);
            }
            private static void RunText(StringBuilder text)
            {
                string first = "alpha";
                string second = "beta";
                int count = 0;
                foreach (char one in first)
                {
                    Burn();
                    if (one == 'a' && count < 2)
                    {
                        count++;
                        text.Append(second);
                    }
                }
                text.Append(count);
                text.Append(first);
            }
            private static void RunNumbers(StringBuilder text, int limit, bool isLoud)
            {
                int sum = 0;
                int product = 1;
                int last = 7;
                long wide = 5;
                for (int i = 0; i < limit; i++)
                {
                    Burn();
                    sum = sum + i;
                    product = product * 2;
                    if (i > 4 && i < 9)
                    {
                        sum = sum - 1;
                    }
                    if (i == 2 || i == 10)
                    {
                        last = i;
                        wide = wide + product;
                    }
                    else
                    {
                        last = last - 1;
                    }
                }
                if (isLoud)
                {
                    text.Append("loud");
                }
                Report(text, sum, product);
                Report(text, last, (int)wide);
            }
            private static void Report(StringBuilder text, int one, int other)
            {
                int difference = one - other;
                if (difference < 0)
                {
                    difference = -difference;
                    text.Append('-');
                }
                text.Append(difference);
                text.Append(';');
            }
        }
        """;
}
