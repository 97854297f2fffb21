using RedLeafSharp.Lab.Campaigns;
using Xunit;

namespace RedLeafSharp.Tests.Lab.Campaigns;

public sealed class SpecFuzzTests
{
    private const string Splices = "{}[]:,-#&*!|>'\"%@`\\ \t\n\r\0\uFEFF?~0x.e";

    /// <summary>Whatever is in the file, the answer is a specification or one line that says where it is wrong.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Parse_DamagedFiles_AreReadOrRefusedInOneLine(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 2_000; round++)
        {
            string text = Damage(SpecTests.Full, random);
            try
            {
                _ = CampaignSpec.Parse("x.yaml", text);
            }
            catch (SpecException exception)
            {
                Assert.Matches(@"\Ax\.yaml:\d+:\d+: [^\r\n]+\z", exception.Message);
            }
        }
    }

    private static string Damage(string text, Random random)
    {
        var damaged = new System.Text.StringBuilder(text);
        for (int edits = random.Next(1, 6); edits > 0; edits--)
        {
            int place = random.Next(damaged.Length);
            switch (random.Next(4))
            {
                case 0:
                    damaged.Remove(place, Math.Min(random.Next(1, 20), damaged.Length - place));
                    break;
                case 1:
                    damaged.Insert(place, Splices[random.Next(Splices.Length)]);
                    break;
                case 2:
                    damaged[place] = (char)random.Next(0x10000);
                    break;
                default:
                    damaged.Insert(place, text.AsSpan(random.Next(text.Length - 30), random.Next(30)));
                    break;
            }
        }

        return damaged.ToString();
    }
}
