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
        Assert.True(RunAll(ImageFuzz.Variants, Rounds * ImageFuzz.Variants.Length, seed: 1, TextWriter.Null));

    /// <summary>Found by a long run: an inode names a block of a directory, verified as that, as its attributes.</summary>
    [FactNeeding(Need.E2fsprogs)]
    public void Attributes_BlockVerifiedAsAnotherKind_AreChecked() => new ImageFuzz(ImageFuzz.Variants[5]).Run(seed: 2_000_378);

    [FactNeeding(Need.E2fsprogs)]
    public void Oracle_WriteToAFileLeftAlone_IsFound()
    {
        using LinuxExt4 linux = LinuxExt4.Make(4 << 20, "-b", "1024", "-O", "^has_journal");
        using Ext4Rig maker = Ext4Rig.Mounted(linux.Read());
        uint one = (uint)maker.MakeFile(Ext4Rig.Root, "one", new byte[5000]);
        uint two = (uint)maker.MakeFile(Ext4Rig.Root, "two", new byte[5000]);
        maker.Unmount();
        using var rig = new Ext4Rig([.. maker.Image], isRecording: true);
        Assert.True(rig.TryMount(), rig.Log);
        rig.Write(one, 0, Ext4Rig.Noise(9000, 1));
        rig.Unmount();
        Assert.Equal(-1, new WriteOracle(maker.Image, maker.Image, [two]).FindViolation(rig.Device.Record, 512));
        Assert.NotEqual(-1, new WriteOracle(maker.Image, maker.Image, [one]).FindViolation(rig.Device.Record, 512));
    }

    /// <summary>Runs so many images in all, told about as it goes.</summary>
    /// <returns>Whether none has failed.</returns>
    internal static bool RunAll(int count, int seed, TextWriter output) =>
        RunAll([.. ImageFuzz.Variants, .. ImageFuzz.DeepVariants], count, seed, output);

    private static bool RunAll(string[][] variants, int count, int seed, TextWriter output)
    {
        int failed = 0;
        int rounds = count / variants.Length;
        foreach (string[] options in variants)
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
