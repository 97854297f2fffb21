using RedLeafSharp.Tests.Network;
using RedLeafSharp.Tests.Support;
using Xunit;
using Spec = RedLeafSharp.Machine.E1000e.E1000eSpec;

namespace RedLeafSharp.Tests.Machine;

/// <summary>Registers after a reset, and those that only have to hold what is written; QEMU's controller agrees.</summary>
public class E1000eRegisterTests
{
    private const int ExtendedConfiguration = 0x0F00;
    private const uint SoftwareOwnsMdio = 1u << 5;
    private const uint EepromReset = 1u << 13;

    /// <summary>Registers and what they hold after a reset.</summary>
    public static TheoryData<int, uint> ResetValues => new()
    {
        { Spec.ReceiveChecksum, 0x300 },
        { Spec.PacketBufferAllocation, 0x0014_0014 },
        { Spec.TransmitGap, 0x0060_2008 },
        { Spec.ReceiveDescriptorControl, 0x0001_0000 },
        { Spec.TransmitArbitration, 0x403 },
    };

    /// <summary>Registers of the transceiver, and what they hold while the link is up.</summary>
    public static TheoryData<int> TransceiverRegisters => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 16, 17, 18, 19, 20, 21, 26];

    [Theory]
    [MemberData(nameof(ResetValues))]
    public void Register_AfterAReset_HoldsItsValue(int register, uint value)
    {
        using var rig = new E1000eRig();
        Assert.Equal(value, rig[register]);
        rig[register] = ~value;
        rig[Spec.Control] = Spec.ControlReset;
        Assert.Equal(value, rig[register]);
    }

    [TheoryNeeding(Need.Qemu)]
    [MemberData(nameof(ResetValues))]
    public void RegisterOfQemu_AfterAReset_HoldsTheSame(int register, uint value)
    {
        using E1000eRig rig = E1000eRig.OnQemu();
        Assert.Equal(value, rig[register]);
    }

    /// <summary>How Linux takes the 82574's semaphore: it writes the bit and looks whether it has stayed.</summary>
    [Fact]
    public void Semaphore_OfTheTransceiver_CanBeTaken()
    {
        using var rig = new E1000eRig();
        rig[ExtendedConfiguration] |= SoftwareOwnsMdio;
        Assert.Equal(SoftwareOwnsMdio, rig[ExtendedConfiguration] & SoftwareOwnsMdio);
        rig[ExtendedConfiguration] &= ~SoftwareOwnsMdio;
        Assert.Equal(0u, rig[ExtendedConfiguration] & SoftwareOwnsMdio);
    }

    [Fact]
    public void EepromReset_EndsByItself()
    {
        using var rig = new E1000eRig();
        rig[Spec.ExtendedControl] = EepromReset | Spec.ExtendedAutoMaskOnRead;
        Assert.Equal(Spec.ExtendedAutoMaskOnRead, rig[Spec.ExtendedControl]);
    }

    [Theory]
    [MemberData(nameof(TransceiverRegisters))]
    public void TransceiverRegister_CanBeRead(int register)
    {
        using var rig = new E1000eRig();
        Assert.Equal(0u, ReadTransceiver(rig, register) & Spec.MdiError);
    }

    [TheoryNeeding(Need.Qemu)]
    [MemberData(nameof(TransceiverRegisters))]
    public void TransceiverRegisterOfQemu_CanBeRead(int register)
    {
        using E1000eRig rig = E1000eRig.OnQemu();
        Assert.Equal(0u, ReadTransceiver(rig, register) & Spec.MdiError);
    }

    /// <summary>Register 17: 1 Gbit/s, full duplex, resolved, and the link as it is.</summary>
    [Fact]
    public void TransceiverStatus_TellsLinkAndSpeed()
    {
        using var rig = new E1000eRig();
        Assert.Equal(0xAC00u, ReadTransceiver(rig, 17) & 0xEC00);
    }

    /// <summary>A driver may write anything anywhere; what is behind the device goes on.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Registers_WithAnyContent_BreakNothing(int seed)
    {
        var random = new Random(seed);
        using var rig = new E1000eRig();
        rig.StartReceive(Spec.ReceiveLongPackets);
        rig.Post(E1000eRig.RingEntries - 1);
        rig.StartTransmit();
        _ = rig.Interrupt(0);
        int[] likely =
        [
            .. Enumerable.Range(0, 7).SelectMany(index => new[] { Spec.ReceiveQueue + (4 * index), Spec.TransmitQueue + (4 * index) }),
            Spec.ReceiveControl, Spec.TransmitControl, Spec.ReceiveFilterControl, Spec.Control, Spec.ExtendedControl, Spec.VlanEtherType,
            Spec.VectorAllocation, Spec.VectorThrottling, Spec.InterruptMaskSet, Spec.InterruptCauseSet, Spec.AutoClear, Spec.MdiControl,
            Spec.EepromRead,
        ];
        uint[] values = [.. likely.Select(register => rig[register])];
        for (int round = 0; round < 10_000; round++)
        {
            int choice = random.Next(likely.Length);
            int register = random.Next(4) > 0 ? likely[choice] : random.Next(Spec.RegisterBytes / 4) * 4;
            uint content = random.Next(2) == 0 ? (uint)random.NextInt64() : (uint)random.Next(2_000);
            rig[register] = register == likely[choice] && random.Next(2) == 0 ? values[choice] : content;
            _ = rig[random.Next(Spec.RegisterBytes / 4) * 4];
            rig.Peer.Send(Frames.Plain(random.Next(14, 2_100), round), default);
            rig.Scheduler.Advance(random.Next(1_000));
            rig.Steps();
        }

        rig[Spec.Control] = Spec.ControlReset;
        Assert.Equal(0u, rig[Spec.ReceiveControl]);
    }

    private static uint ReadTransceiver(E1000eRig rig, int register)
    {
        rig[Spec.MdiControl] = Spec.MdiRead | (1u << 21) | (uint)(register << 16);
        uint value = 0;
        for (int read = 0; read < 1_000 && (value & Spec.MdiReady) == 0; read++)
        {
            value = rig[Spec.MdiControl];
        }

        return value;
    }
}
