namespace RedLeafSharp.Memory;

/// <summary>What lets a device reach pages of the heap. A page that it maps stays its owner's loan.</summary>
internal interface IPageWindow
{
    /// <summary>Whether some page of a range is mapped, or was when the device was fenced and has not been given back since.</summary>
    bool MapsAny(int firstPage, int pageCount);
}
