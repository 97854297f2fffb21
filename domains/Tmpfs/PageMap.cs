namespace RedLeafSharp.Domains.Tmpfs;

/// <summary>The data of a file: pages where something has been written, holes elsewhere.</summary>
internal sealed class PageMap(Space space)
{
    private readonly Dictionary<long, byte[]> pages = new();

    public int PageCount => pages.Count;

    /// <summary>Reads; holes are zeroes. The range lies in the file.</summary>
    public void Read(ulong offset, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            (long page, int start) = Split(offset);
            int length = Math.Min(buffer.Length, TmpfsLimits.PageBytes - start);
            if (pages.TryGetValue(page, out byte[]? data))
            {
                data.AsSpan(start, length).CopyTo(buffer);
            }
            else
            {
                buffer[..length].Clear();
            }

            buffer = buffer[length..];
            offset += (ulong)length;
        }
    }

    /// <summary>Writes, making pages.</summary>
    /// <returns>Bytes written: fewer when there is no space left.</returns>
    public int Write(ulong offset, ReadOnlySpan<byte> data)
    {
        int written = 0;
        while (written < data.Length)
        {
            (long page, int start) = Split(offset + (ulong)written);
            if (!TryMake(page, out byte[]? bytes))
            {
                break;
            }

            int length = Math.Min(data.Length - written, TmpfsLimits.PageBytes - start);
            data.Slice(written, length).CopyTo(bytes.AsSpan(start));
            written += length;
        }

        return written;
    }

    /// <summary>Makes the pages of a range, which read as zeroes where there were none.</summary>
    /// <returns>False when there is no space; what has been made so far stays.</returns>
    public bool TryReserve(ulong first, ulong end)
    {
        long last = (long)((end - 1) >> TmpfsLimits.PageShift);
        long page = (long)(first >> TmpfsLimits.PageShift);
        if (last - page - pages.Count > space.FreePageCount)
        {
            return false;
        }

        bool isMade = true;
        for (; page <= last && isMade; page++)
        {
            isMade = TryMake(page, out _);
        }

        return isMade;
    }

    /// <summary>Makes a range read as zeroes: whole pages become holes.</summary>
    public void Clear(ulong first, ulong end)
    {
        ulong firstWhole = (first + TmpfsLimits.PageBytes - 1) & ~(ulong)(TmpfsLimits.PageBytes - 1);
        ulong endWhole = end & ~(ulong)(TmpfsLimits.PageBytes - 1);
        if (firstWhole > endWhole)
        {
            ClearPart(first, end);
            return;
        }

        ClearPart(first, firstWhole);
        ClearPart(endWhole, end);
        Drop((long)(firstWhole >> TmpfsLimits.PageShift), (long)(endWhole >> TmpfsLimits.PageShift));
    }

    /// <summary>Forgets everything behind a size, and zeroes the rest of the last page: should the file grow, that shows.</summary>
    public void Truncate(ulong size) => Clear(size, TmpfsLimits.FileBytesMax);

    /// <summary>The first page at or behind one that is there, or is not there.</summary>
    /// <returns>-1 when there is none.</returns>
    public long Find(long from, bool isData)
    {
        if (!isData)
        {
            while (pages.ContainsKey(from))
            {
                from++;
            }

            return from;
        }

        long found = -1;
        foreach (long page in pages.Keys)
        {
            found = page >= from && (found < 0 || page < found) ? page : found;
        }

        return found;
    }

    private static (long Page, int Start) Split(ulong offset) =>
        ((long)(offset >> TmpfsLimits.PageShift), (int)(offset & (TmpfsLimits.PageBytes - 1)));

    private bool TryMake(long page, out byte[]? bytes)
    {
        if (pages.TryGetValue(page, out bytes))
        {
            return true;
        }

        if (!space.TryTakePage())
        {
            return false;
        }

        bytes = new byte[TmpfsLimits.PageBytes];
        pages.Add(page, bytes);
        return true;
    }

    private void ClearPart(ulong first, ulong end)
    {
        (long page, int start) = Split(first);
        if (first < end && pages.TryGetValue(page, out byte[]? bytes))
        {
            bytes.AsSpan(start, (int)(end - first)).Clear();
        }
    }

    /// <summary>Drops a range of pages, by its length or by the number of pages that there are, whichever is less.</summary>
    private void Drop(long first, long end)
    {
        int before = pages.Count;
        if (end - first <= pages.Count)
        {
            for (long page = first; page < end; page++)
            {
                pages.Remove(page);
            }
        }
        else
        {
            var dropped = new List<long>();
            foreach (long page in pages.Keys)
            {
                if (page >= first && page < end)
                {
                    dropped.Add(page);
                }
            }

            foreach (long page in dropped)
            {
                pages.Remove(page);
            }
        }

        space.GivePages(before - pages.Count);
    }
}
