using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>The descriptors of one process: each names an open file description, which others may name too.</summary>
internal sealed class DescriptorTable
{
    private const int FirstSize = 8;

    private OpenFile?[] files = new OpenFile?[FirstSize];

    /// <summary>The description behind a descriptor, or null.</summary>
    public OpenFile? this[int descriptor] => (uint)descriptor < (uint)files.Length ? files[descriptor] : null;

    /// <summary>The lowest free descriptor, or -1 when all are taken.</summary>
    public int FindFree(int from = 0)
    {
        for (int descriptor = from; descriptor < files.Length; descriptor++)
        {
            if (files[descriptor] is null)
            {
                return descriptor;
            }
        }

        int next = Math.Max(from, files.Length);
        return next < Limits.DescriptorCountMax ? next : -1;
    }

    /// <summary>Lets a free descriptor name a description, which gains a reference.</summary>
    public void Set(int descriptor, OpenFile file)
    {
        if (descriptor >= files.Length)
        {
            int size = files.Length;
            while (size <= descriptor)
            {
                size *= 2;
            }

            var larger = new OpenFile?[size];
            files.AsSpan().CopyTo(larger);
            files = larger;
        }

        files[descriptor] = file;
        file.References++;
    }

    /// <summary>Frees a descriptor; the description is closed with its last reference.</summary>
    public Errno Close(CallContext context, int descriptor)
    {
        OpenFile? file = this[descriptor];
        if (file is null)
        {
            return Errno.BadDescriptor;
        }

        files[descriptor] = null;
        file.References--;
        return file.References == 0 ? file.Close(context) : Errno.None;
    }

    /// <summary>Frees every descriptor.</summary>
    public void CloseAll(CallContext context)
    {
        for (int descriptor = 0; descriptor < files.Length; descriptor++)
        {
            // The result has nobody to go to: the process has ended.
            _ = Close(context, descriptor);
        }
    }
}
