namespace RedLeafSharp.Drivers.E1000e;

/// <summary>A receive descriptor in the extended format (section 7.1.5): an address, which the device overwrites.</summary>
internal struct ReceiveDescriptor
{
    internal const uint Done = 1 << 0;
    internal const uint EndOfPacket = 1 << 1;
    internal const uint IgnoreChecksum = 1 << 2;
    internal const uint Vlan = 1 << 3;
    internal const uint TransportChecked = 1 << 5;
    internal const uint IpChecked = 1 << 6;

    /// <summary>Damaged frames: CE, SE, SEQ, CXE and RXE.</summary>
    internal const uint Damaged = 0x9700_0000;
    internal const uint TransportWrong = 0x2000_0000;
    internal const uint IpWrong = 0x4000_0000;

    internal ulong Address;

    /// <summary>Extended status and errors.</summary>
    internal uint Status;

    /// <summary>Length in bits 15:0, VLAN tag in bits 31:16.</summary>
    internal uint LengthAndTag;

    /// <summary>Names a buffer, and is not done. Field by field: a copy of a whole structure would wait for the stores that fill it.</summary>
    internal void Post(ulong address)
    {
        Address = address;
        Status = 0;
        LengthAndTag = 0;
    }
}

/// <summary>A transmit descriptor: data (section 7.2.12), or a context in the same 16 bytes (section 7.2.11).</summary>
internal struct TransmitDescriptor
{
    internal const uint EndOfPacket = 1u << 24;
    internal const uint InsertLinkChecksum = 1u << 25;
    internal const uint Segmentation = 1u << 26;
    internal const uint ReportStatus = 1u << 27;
    internal const uint Extension = 1u << 29;
    internal const uint InsertVlan = 1u << 30;
    internal const uint TypeData = 1u << 20;
    internal const uint ContextTcp = 1u << 24;
    internal const uint ContextIPv4 = 1u << 25;
    internal const uint Done = 1;
    internal const uint OptionIp = 1u << 8;
    internal const uint OptionTransport = 1u << 9;

    internal ulong Address;

    /// <summary>Length, type and command.</summary>
    internal uint Command;

    /// <summary>Status, options, VLAN tag; of a context the lengths of headers and segments.</summary>
    internal uint Status;

    /// <inheritdoc cref="ReceiveDescriptor.Post"/>
    internal void Set(ulong address, uint command, uint status)
    {
        Address = address;
        Command = command;
        Status = status;
    }
}
