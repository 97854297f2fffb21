using System.Reflection.PortableExecutable;
using RedLeafSharp.Rewriting;
using RedLeafSharp.Verification;
using Xunit;

namespace RedLeafSharp.Tests.Verification.Rules;

/// <summary>Damaged images: the verifier answers for each, and what it lets through the rewriter can read.</summary>
public sealed class MutatedImageTests
{
    private const int Mutants = 1_500;

    private static readonly byte[] Image = VerifiedSource.Compile("""
        public interface IShape { int Area(); }
        public readonly record struct Square(int Side) : IShape { public int Area() => Side * Side; }
        public sealed class Box<T> where T : IShape
        {
            static readonly int[] Weights = [1, 2, 3, 4, 5, 6, 7];
            readonly List<T> items = new();
            public void Add(T item) => items.Add(item);
            public int Sum() { int sum = 0; foreach (T item in items) { sum += item.Area(); } return sum; }
            public string Name(int index)
            {
                try { return index switch { 0 => "zero", 1 => "one", _ => $"{Weights[index]}" }; }
                catch (IndexOutOfRangeException) { return "none"; }
                finally { items.Clear(); }
            }
        }
        """).Assembly;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Verify_MutatedMetadata_AlwaysAnswers(int seed) => VerifyMutants(seed, (random, image) =>
    {
        using var reader = new PEReader(new MemoryStream(Image));
        int start = reader.PEHeaders.MetadataStartOffset;
        for (int edit = random.Next(1, 4); edit > 0; edit--)
        {
            image[start + random.Next(reader.PEHeaders.MetadataSize)] = (byte)random.Next(256);
        }
    });

    [Fact]
    public void Verify_MutatedAnywhere_AlwaysAnswers() => VerifyMutants(3, (random, image) =>
    {
        for (int edit = random.Next(1, 9); edit > 0; edit--)
        {
            image[random.Next(image.Length)] ^= (byte)(1 << random.Next(8));
        }
    });

    [Fact]
    public void Verify_TruncatedAnywhere_IsRejected()
    {
        for (int length = 0; length < Image.Length; length += 97)
        {
            Assert.False(ImageVerifier.Verify(Image[..length], null, "cut.dll", VerificationOptions.Delivered).IsClean);
        }
    }

    [Fact]
    public void Verify_Noise_IsRejected()
    {
        var random = new Random(4);
        for (int round = 0; round < 200; round++)
        {
            byte[] noise = new byte[random.Next(4_096)];
            random.NextBytes(noise);
            Assert.False(ImageVerifier.Verify(noise, noise, "noise.dll", VerificationOptions.Delivered).IsClean);
        }
    }

    private static bool IsRewrittenOrRefused(byte[] image)
    {
        try
        {
            return FaultSiteRewriter.Plant(image, null, "mutant.dll").Assembly.Length > 0;
        }
        catch (ImageException exception)
        {
            return exception.Message.StartsWith("mutant.dll: ", StringComparison.Ordinal);
        }
    }

    private static void VerifyMutants(int seed, Action<Random, byte[]> mutate)
    {
        var random = new Random(seed);
        int clean = 0;
        for (int round = 0; round < Mutants; round++)
        {
            byte[] image = [.. Image];
            mutate(random, image);
            VerificationReport report = ImageVerifier.Verify(image, null, "mutant.dll", VerificationOptions.Delivered);
            if (report.IsClean)
            {
                // Only what the verifier lets through reaches Mono.Cecil, which has ended processes over other mutants.
                clean++;
                Assert.True(IsRewrittenOrRefused(image));
            }
        }

        // Names and constants may change without harm: were none clean, the rewriter would not have been tried.
        Assert.InRange(clean, 1, Mutants - 1);
    }
}
