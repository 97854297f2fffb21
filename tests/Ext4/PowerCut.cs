using RedLeafSharp.Contracts;
using RedLeafSharp.Tests.BlockDevices;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>
/// What a disk may hold when the power fails: all that was durable, and any part of what was not, the last of that torn at
/// a sector of 512 bytes.
/// </summary>
internal sealed class PowerCut(byte[] before, IReadOnlyList<CarriedOut> record)
{
    private const int SectorBytes = 512;

    /// <summary>Nothing but its copies helps against a torn superblock, here as in Linux.</summary>
    private const ulong SuperblockEnd = 4;

    private readonly byte[] durable = [.. before];
    private readonly List<CarriedOut> volatileWrites = [];
    private int position;

    /// <summary>Goes on to the moment when so many requests had been carried out.</summary>
    internal void MoveTo(int count)
    {
        for (; position < count; position++)
        {
            CarriedOut done = record[position];
            if (done.Request.Operation == BlockOperation.Flush)
            {
                volatileWrites.ForEach(write => Apply(write, durable, write.Data!.Length));
                volatileWrites.Clear();
            }
            else if (done.Data is not null && done.Request.Flags.HasFlag(BlockFlags.ForceUnitAccess))
            {
                volatileWrites.RemoveAll(write => write.Request.FirstBlock == done.Request.FirstBlock);
                Apply(done, durable, done.Data.Length);
            }
            else if (done.Data is not null)
            {
                volatileWrites.Add(done);
            }
        }
    }

    /// <summary>One of the disks that the power cut may leave.</summary>
    internal byte[] Sample(Random random)
    {
        byte[] disk = [.. durable];
        int chance = random.Next(5);
        foreach (CarriedOut write in volatileWrites)
        {
            if (random.Next(4) < chance)
            {
                bool hasSuperblock = write.Request.FirstBlock < SuperblockEnd;
                bool isTorn = random.Next(8) == 0 && !hasSuperblock;
                int sectors = write.Data!.Length / SectorBytes;
                Apply(write, disk, (isTorn ? random.Next(sectors) : sectors) * SectorBytes);
            }
        }

        return disk;
    }

    private static void Apply(CarriedOut write, byte[] disk, int length) =>
        write.Data.AsSpan(0, length).CopyTo(disk.AsSpan((int)write.Request.FirstBlock * SectorBytes));
}
