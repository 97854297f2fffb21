using RedLeafSharp.Machine.E1000e;
using RedLeafSharp.Tests.Drivers;

namespace RedLeafSharp.Tests.Network;

/// <summary>
/// Throws into the driver exactly before or after it hands descriptors to a ring: each write to a tail register is a point, and the
/// driver dies at every so many of them.
/// </summary>
internal sealed class CrashAtRing : E1000eFaults
{
    // RDT0 and TDT0: Intel 82574 datasheet, sections 10.2.5.10 and 10.2.6.11.
    private const int ReceiveTail = 0x2818;
    private const int TransmitTail = 0x3818;

    private int passed;

    /// <summary>Tail writes from one death to the next; 0 for no more deaths.</summary>
    internal int Every { get; set; }

    internal bool IsAfter { get; init; }

    internal override void BeforeRegister(bool isWrite, int offsetBytes, uint value)
    {
        if (isWrite && offsetBytes is ReceiveTail or TransmitTail)
        {
            passed++;
            Crash(!IsAfter);
        }
    }

    internal override void AfterRegister(bool isWrite, int offsetBytes, uint value)
    {
        if (isWrite && offsetBytes is ReceiveTail or TransmitTail)
        {
            Crash(IsAfter);
        }
    }

    private void Crash(bool isHere)
    {
        if (isHere && Every > 0 && passed >= Every)
        {
            passed = 0;
            throw new PlantedCrashException();
        }
    }
}
