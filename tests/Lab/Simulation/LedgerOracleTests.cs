using RedLeafSharp.Lab.Workloads;
using Xunit;

namespace RedLeafSharp.Tests.Lab.Simulation;

/// <summary>The ledger and its stamps: what they accept, and above all what they do not.</summary>
public sealed class LedgerOracleTests
{
    [Fact]
    public void History_AfterTwoAcknowledgedWrites_AdmitsTheLastOnly()
    {
        var history = new PageHistory();
        history.End(history.Submit(5), WriteState.Acknowledged, 1);
        history.End(history.Submit(6), WriteState.Acknowledged, 1);
        Assert.Equal([false, true, false, false], new long[] { 5, 6, 7, BlockStamp.Zeros }.Select(one => history.Admits(one, history.Last)));
    }

    [Fact]
    public void History_AfterAnUncertainWrite_AdmitsItAndTheOneBefore()
    {
        var history = new PageHistory();
        history.End(history.Submit(5), WriteState.Acknowledged, 1);
        history.End(history.Submit(6), WriteState.Uncertain, 2);
        Assert.Equal([true, true, false], new long[] { 5, 6, BlockStamp.Zeros }.Select(one => history.Admits(one, history.Last)));
    }

    [Fact]
    public void History_OfAReadBeforeAWrite_DoesNotAdmitTheWrite()
    {
        var history = new PageHistory();
        int before = history.Last;
        history.End(history.Submit(5), WriteState.Acknowledged, 1);
        Assert.Equal((true, false), (history.Admits(BlockStamp.Zeros, before), history.Admits(5, before)));
    }

    /// <summary>Flushed is what was answered before the flush was asked for; later writes may be there or not.</summary>
    [Fact]
    public void History_AfterAPowerCut_AdmitsWhatWasFlushedAndWhatCameLater()
    {
        var state = new LedgerState([new PageHistory()]);
        PageHistory history = state.Pages[0];
        history.End(history.Submit(5), WriteState.Acknowledged, state.CountAnswer());
        history.End(history.Submit(6), WriteState.Acknowledged, state.CountAnswer());
        state.Flushed(state.Answers);
        history.End(history.Submit(7), WriteState.Acknowledged, state.CountAnswer());
        Assert.Equal(
            [false, false, true, true], new long[] { BlockStamp.Zeros, 5, 6, 7 }.Select(one => history.Admits(one, history.Last, state.DurableUpTo)));
    }

    /// <summary>Force unit access: durable with its answer, without a flush.</summary>
    [Fact]
    public void History_AfterAPowerCut_DoesNotMissADurableWrite()
    {
        var state = new LedgerState([new PageHistory()]);
        PageHistory history = state.Pages[0];
        history.End(history.Submit(5), WriteState.Acknowledged, answer: 0);
        Assert.Equal([false, true], new long[] { BlockStamp.Zeros, 5 }.Select(one => history.Admits(one, history.Last, state.DurableUpTo)));
    }

    [Fact]
    public void Stamp_OfAPage_IsReadBackFromEachOfItsSectors()
    {
        byte[] page = new byte[4096];
        BlockStamp.Write(page, number: 7, version: 42, seed: 3);
        Assert.All(Enumerable.Range(0, BlockStamp.SectorsPerPage), sector => Assert.Equal(42, Version(page, 7, sector, 3)));
        Assert.Equal(BlockStamp.Zeros, Version(new byte[4096], 7, 0, 3));
    }

    [Fact]
    public void Stamp_Damaged_OfAnotherPage_OrOfAnotherTrial_IsForeign()
    {
        byte[] page = new byte[4096];
        BlockStamp.Write(page, number: 7, version: 42, seed: 3);
        Assert.Equal(BlockStamp.Foreign, Version(page, 8, 0, 3));
        Assert.Equal(BlockStamp.Foreign, Version(page, 7, 0, 4));
        for (int at = 0; at < BlockStamp.SectorBytes; at++)
        {
            page[at] ^= 4;
            Assert.Equal(BlockStamp.Foreign, Version(page, 7, 0, 3));
            page[at] ^= 4;
        }
    }

    private static long Version(byte[] page, long number, int sector, ulong seed) =>
        BlockStamp.Read(page.AsSpan(sector * BlockStamp.SectorBytes, BlockStamp.SectorBytes), number, sector, seed);
}
