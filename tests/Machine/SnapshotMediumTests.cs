using RedLeafSharp.Machine.Media;
using Xunit;

namespace RedLeafSharp.Tests.Machine;

public sealed class SnapshotMediumTests
{
    private const int Pages = 4;

    [Fact]
    public void Write_AfterATake_LeavesTheSnapshotAsItWas()
    {
        using var medium = new SnapshotMedium(DiskSnapshot.Empty(Pages * DiskSnapshot.PageBytes));
        medium.Write(4000, Filled(200, 1));
        DiskSnapshot taken = medium.Take();
        medium.Write(4000, Filled(200, 2));
        using var again = new SnapshotMedium(taken);
        Assert.Equal(Filled(200, 1), Read(again, 4000, 200));
        Assert.Equal(Filled(200, 2), Read(medium, 4000, 200));
    }

    [Fact]
    public void Operations_AtRandom_EqualThoseOnAnArray()
    {
        var random = new Random(1);
        byte[] model = new byte[Pages * DiskSnapshot.PageBytes];
        var medium = new SnapshotMedium(DiskSnapshot.Empty(model.Length));
        for (int step = 0; step < 2000; step++)
        {
            int offset = random.Next(model.Length);
            int length = random.Next(model.Length - offset);
            switch (random.Next(4))
            {
                case 0:
                    medium.Zero(offset, length);
                    model.AsSpan(offset, length).Clear();
                    break;
                case 1:
                    medium = new SnapshotMedium(medium.Take());
                    break;
                case 2:
                    medium.Write(offset, Filled(length, (byte)step));
                    Filled(length, (byte)step).CopyTo(model, offset);
                    break;
                default:
                    Assert.Equal(model.AsSpan(offset, length).ToArray(), Read(medium, offset, length));
                    break;
            }
        }

        using var file = new MemoryStream();
        medium.Take().WriteTo(file);
        Assert.Equal(model, file.ToArray());
    }

    [Fact]
    public void Access_BeyondTheEnd_Throws()
    {
        using var medium = new SnapshotMedium(DiskSnapshot.Empty(DiskSnapshot.PageBytes));
        Assert.Throws<ArgumentOutOfRangeException>(() => medium.Write(4000, Filled(97, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Read(medium, -1, 1));
    }

    private static byte[] Filled(int length, byte value) => [.. Enumerable.Repeat(value, length)];

    private static byte[] Read(SnapshotMedium medium, long offset, int length)
    {
        byte[] bytes = new byte[length];
        medium.Read(offset, bytes);
        return bytes;
    }
}
