using Spec = RedLeafSharp.Machine.E1000e.E1000eSpec;

namespace RedLeafSharp.Machine.E1000e;

/// <summary>The statistics registers (section 10.2.7): they stop at the highest value, and reading clears them.</summary>
internal sealed class E1000eStatistics
{
    private readonly uint[] values = new uint[((Spec.LastStatistic - Spec.FirstStatistic) / 4) + 1];

    internal void Count(int register, uint count = 1)
    {
        ref uint value = ref values[(register - Spec.FirstStatistic) / 4];
        value += Math.Min(count, uint.MaxValue - value);
    }

    /// <summary>Adds to a pair of registers; a pair is cleared when its upper half is read.</summary>
    internal void CountOctets(int register, int count)
    {
        int index = (register - Spec.FirstStatistic) / 4;
        ulong sum = values[index] | ((ulong)values[index + 1] << 32);
        sum += Math.Min((ulong)count, ulong.MaxValue - sum);
        values[index] = (uint)sum;
        values[index + 1] = (uint)(sum >> 32);
    }

    /// <summary>Counts frames into the register of their length, of six that follow each other; with the link's checksum.</summary>
    internal void CountLength(int firstRegister, int lengthBytes, uint count = 1)
    {
        int bucket = lengthBytes <= 64 ? 0 : lengthBytes < 128 ? 1 : lengthBytes < 256 ? 2 : lengthBytes < 512 ? 3
            : lengthBytes < 1024 ? 4 : 5;
        Count(firstRegister + (4 * bucket), count);
    }

    internal uint Read(int register)
    {
        int index = (register - Spec.FirstStatistic) / 4;
        uint value = values[index];
        bool isLowHalf = register is Spec.GoodOctetsReceived or Spec.GoodOctetsSent or Spec.TotalOctetsReceived
            or Spec.TotalOctetsSent;
        if (!isLowHalf)
        {
            values[index] = 0;
        }

        if (register is Spec.GoodOctetsReceived + 4 or Spec.GoodOctetsSent + 4 or Spec.TotalOctetsReceived + 4
            or Spec.TotalOctetsSent + 4)
        {
            values[index - 1] = 0;
        }

        return value;
    }

    internal void Reset() => Array.Clear(values);
}
