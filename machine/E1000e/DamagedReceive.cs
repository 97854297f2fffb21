using System.Numerics;
using Spec = RedLeafSharp.Machine.E1000e.E1000eSpec;

namespace RedLeafSharp.Machine.E1000e;

/// <summary>What an experiment's fault makes of a frame that is received: where it goes, what is in it, what is told of it.</summary>
internal static class DamagedReceive
{
    private const int PageBytes = 4096;
    private const byte OverrunPattern = 0xDB;
    private const uint ErrorBits = 0x80u << Spec.ExtendedErrorShift;
    private const int StatusRotation = 13;

    /// <summary>Where the frame goes.</summary>
    internal static ulong Place(ulong buffer, WriteBackFault fault) =>
        fault.Kind == DescriptorFault.Elsewhere && buffer != 0 ? buffer + ((ulong)fault.Argument * PageBytes) : buffer;

    /// <summary>Damages what is in the buffer, or behind it.</summary>
    /// <param name="bytes">The buffer; with an overrun, what lies behind it, too.</param>
    /// <param name="count">Bytes of the frame.</param>
    /// <param name="fault">What goes wrong.</param>
    internal static void Spoil(Span<byte> bytes, int count, WriteBackFault fault)
    {
        if (fault.Kind == DescriptorFault.HiddenDamage)
        {
            // From the end, where the payload is: a bit of the headers would have the frame dropped.
            int bit = fault.Argument % (8 * count);
            bytes[count - 1 - (bit >> 3)] ^= (byte)(1 << (bit & 7));
        }
        else if (fault.Kind == DescriptorFault.Overrun)
        {
            bytes[^Math.Min(fault.Argument, bytes.Length)..].Fill(OverrunPattern);
        }
    }

    /// <summary>Changes the status; returns the length that is told.</summary>
    internal static int Tell(int count, ref uint bits, WriteBackFault fault)
    {
        const uint Checked = Spec.ReceiveIpChecked | Spec.ReceiveTcpChecked;
        const uint Wrong = (Spec.ErrorIp | Spec.ErrorTransport) << Spec.ExtendedErrorShift;
        switch (fault.Kind)
        {
            case DescriptorFault.WrongLength:
                return 0xFFFF;
            case DescriptorFault.ShortLength:
                return Math.Max(count - fault.Argument, 0);
            case DescriptorFault.Error:
                bits |= ErrorBits;
                break;
            case DescriptorFault.Garbage:
                bits = BitOperations.RotateLeft((uint)fault.Argument, StatusRotation) | Spec.ReceiveDone;
                return (ushort)fault.Argument;
            case DescriptorFault.HiddenDamage:
                bits = (bits & ~(Wrong | Spec.ReceiveIgnoreChecksum)) | Checked;
                break;
            case DescriptorFault.FalseAlarm:
                bits |= Checked | (Spec.ErrorTransport << Spec.ExtendedErrorShift);
                break;
        }

        return count;
    }
}
