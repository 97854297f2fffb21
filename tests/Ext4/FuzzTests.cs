using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>
/// A sample of what <c>dotnet run -c Release --project tests -- images COUNT SEED</c> does at length: see
/// <see cref="ImageFuzz"/>.
/// </summary>
public sealed class FuzzTests
{
    private const int Rounds = 250;

    [FactNeeding(Need.E2fsprogs)]
    public void Operations_MutatedImages_NeitherThrowNorWriteElsewhere() =>
        Assert.True(RunAll(Rounds * ImageFuzz.Variants.Length, seed: 1, TextWriter.Null));

    /// <summary>Runs so many images in all, told about as it goes.</summary>
    /// <returns>Whether none has failed.</returns>
    internal static bool RunAll(int count, int seed, TextWriter output)
    {
        int failed = 0;
        int rounds = count / ImageFuzz.Variants.Length;
        foreach (string[] options in ImageFuzz.Variants)
        {
            var fuzz = new ImageFuzz(options);
            for (int round = 0; round < rounds; round++)
            {
                try
                {
                    fuzz.Run((seed * 1_000_000) + round);
                }
                catch (Exception exception) when (output != TextWriter.Null)
                {
                    output.WriteLine($"{string.Join(' ', options)}, image {round}: {exception}");
                    failed++;
                }
            }

            output.WriteLine($"{string.Join(' ', options)}: {rounds} images, {fuzz.MountedCount} mounted, "
                + $"{fuzz.DamagedCount} of these found to be damaged");
        }

        return failed == 0;
    }
}
