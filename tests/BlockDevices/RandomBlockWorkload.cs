using RedLeafSharp.Contracts;
using Xunit;

namespace RedLeafSharp.Tests.BlockDevices;

/// <summary>
/// Seeded requests with many in flight, checked against an array. Blocks that a request in flight touches are not touched
/// by another one unless both read, so that every order of completion must give the model's content.
/// </summary>
internal sealed class RandomBlockWorkload
{
    private const int RegionBlocks = 512;

    private readonly BlockDeviceRig rig;
    private readonly Random random;
    private readonly byte[] model;
    private readonly int[] readers = new int[RegionBlocks];
    private readonly bool[] isWritten = new bool[RegionBlocks];
    private readonly Dictionary<ulong, Pending> inFlight = [];
    private readonly int inFlightMax;

    internal RandomBlockWorkload(BlockDeviceRig rig, int seed)
    {
        this.rig = rig;
        random = new Random(seed);
        inFlightMax = Math.Min(rig.Geometry.RequestsMax, 24);
        model = new byte[RegionBlocks * rig.Geometry.BlockBytes];
        Assert.True(rig.Geometry.BlockCount >= RegionBlocks);
    }

    /// <summary>Called before each operation, to disturb it.</summary>
    internal Action<int>? BeforeOperation { get; init; }

    /// <summary>Completions seen so far.</summary>
    internal int CompletedCount { get; private set; }

    internal void Run(int operationCount)
    {
        for (int done = 0; done < operationCount; done++)
        {
            BeforeOperation?.Invoke(done);
            SubmitOne();
            if (inFlight.Count >= inFlightMax || random.Next(6) == 0)
            {
                Reap(mayWait: inFlight.Count >= inFlightMax);
            }
        }

        while (inFlight.Count > 0)
        {
            Reap(mayWait: true);
        }

        Assert.Equal(operationCount, CompletedCount);
    }

    private void SubmitOne()
    {
        int kind = random.Next(100);
        BlockOperation operation = kind < 40 ? BlockOperation.Write
            : kind < 85 ? BlockOperation.Read
            : kind < 93 ? BlockOperation.WriteZeroes
            : BlockOperation.Flush;
        (int first, int count) = operation == BlockOperation.Flush ? (0, 0) : PickFree(operation != BlockOperation.Read);
        int blockBytes = rig.Geometry.BlockBytes;
        Lent? lent = null;
        byte[] data = new byte[count * blockBytes];
        if (operation is BlockOperation.Read or BlockOperation.Write)
        {
            bool isWrite = operation == BlockOperation.Write;
            random.NextBytes(data);
            lent = rig.Lend(data, isWrite ? LoanAccess.DeviceReads : LoanAccess.DeviceWrites, random.Next(4) * 512);
        }

        BlockRequest request = rig.Request(
            operation, (ulong)first, (uint)count, lent?.Pages.Length ?? 0, random.Next(8) == 0 ? BlockFlags.ForceUnitAccess : 0);
        Mark(first, count, operation != BlockOperation.Read, isBusy: true);
        inFlight.Add(request.Tag, new Pending(request, lent, data));
        Reply<int, BlockError> taken = rig.Device.Submit(rig.Context, [request], lent?.Pages ?? []);
        while (taken is { IsOk: true, Value: 0 })
        {
            Reap(mayWait: true);
            taken = rig.Device.Submit(rig.Context, [request], lent?.Pages ?? []);
        }

        Assert.True(taken is { IsOk: true, Value: 1 }, taken.ToString());
    }

    private (int First, int Count) PickFree(bool isWrite)
    {
        int most = Math.Min(48, rig.Geometry.TransferBytesMax / rig.Geometry.BlockBytes);
        while (true)
        {
            int count = random.Next(1, most + 1);
            int first = random.Next(RegionBlocks - count + 1);
            bool isFree = Enumerable.Range(first, count).All(block => !isWritten[block] && !(isWrite && readers[block] > 0));
            if (isFree)
            {
                return (first, count);
            }

            Reap(mayWait: false);
        }
    }

    private void Mark(int first, int count, bool isWrite, bool isBusy)
    {
        for (int block = first; block < first + count; block++)
        {
            isWritten[block] = isWrite && isBusy;
            readers[block] += isWrite ? 0 : isBusy ? 1 : -1;
        }
    }

    private void Reap(bool mayWait)
    {
        var some = new BlockCompletion[random.Next(1, 8)];
        Reply<bool, BlockError> ready = rig.Device.Wait(rig.Context, mayWait ? 60_000_000 : 5);
        Assert.True(ready.IsOk && (ready.Value || !mayWait), ready.ToString());
        Reply<int, BlockError> polled = rig.Device.Poll(rig.Context, some);
        Assert.True(polled.IsOk, polled.ToString());
        foreach (BlockCompletion completion in some[..polled.Value])
        {
            Assert.True(inFlight.Remove(completion.Tag, out Pending? pending), $"tag {completion.Tag} completed twice");
            Assert.Equal(BlockError.None, completion.Error);
            Settle(pending);
        }
    }

    private void Settle(Pending pending)
    {
        CompletedCount++;
        int blockBytes = rig.Geometry.BlockBytes;
        (int first, int count) = ((int)pending.Request.FirstBlock, (int)pending.Request.BlockCount);
        Span<byte> expected = model.AsSpan(first * blockBytes, count * blockBytes);
        byte[] content = pending.Lent is null ? pending.Data : rig.Return(pending.Lent, pending.Data.Length);
        if (pending.Request.Operation == BlockOperation.Read)
        {
            Assert.True(content.AsSpan().SequenceEqual(expected), $"wrong data in blocks {first} to {first + count - 1}");
        }
        else
        {
            content.CopyTo(expected);
        }

        Mark(first, count, pending.Request.Operation != BlockOperation.Read, isBusy: false);
    }

    private sealed record Pending(BlockRequest Request, Lent? Lent, byte[] Data);
}
