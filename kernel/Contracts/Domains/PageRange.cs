namespace RedLeafSharp.Contracts;

/// <summary>Bytes in lent pages, as devices know them.</summary>
public struct PageRange
{
    /// <summary>First byte, as <see cref="PageBuffer.Lend(CallContext, LoanAccess)"/> counts.</summary>
    public ulong BusAddress;

    /// <summary>Length in bytes; the range stays within one page.</summary>
    public int LengthBytes;
}
