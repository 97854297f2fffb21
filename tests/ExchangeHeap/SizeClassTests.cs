using System.Runtime.CompilerServices;
using RedLeafSharp.Memory;
using Xunit;

namespace RedLeafSharp.Tests.ExchangeHeaps;

public sealed class SizeClassTests
{
    [Fact]
    public void BlockHeader_Layout_Takes16Bytes() => Assert.Equal(SizeClasses.HeaderBytes, Unsafe.SizeOf<BlockHeader>());

    [Theory]
    [InlineData(0, 48)]
    [InlineData(1, 48)]
    [InlineData(48, 48)]
    [InlineData(49, 112)]
    [InlineData(112, 112)]
    [InlineData(113, 176)]
    [InlineData(1072, 1072)]
    [InlineData(1073, 1520)]
    [InlineData(2159, 2160)]
    [InlineData(2160, 2160)]
    public void ForPayload_Size_IsTheSmallestClassThatHoldsIt(int payloadBytes, int classBytes) =>
        Assert.Equal(classBytes, SizeClasses.PayloadBytes(SizeClasses.ForPayload(payloadBytes)));

    [Theory]
    [InlineData(2161)]
    [InlineData(int.MaxValue)]
    public void ForPayload_TooLarge_HasNoClass(int payloadBytes) => Assert.Equal(-1, SizeClasses.ForPayload(payloadBytes));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 4)]
    [InlineData(4, 4)]
    [InlineData(5, 16)]
    [InlineData(17, 64)]
    [InlineData(64, 64)]
    public void ForPages_Count_IsTheSmallestClassThatHoldsIt(int pageCount, int classPages) =>
        Assert.Equal(classPages, SizeClasses.PagesIn(SizeClasses.ForPages(pageCount)));

    [Fact]
    public void ForPages_TooMany_HasNoClass() => Assert.Equal(-1, SizeClasses.ForPages(65));

    [Fact]
    public void HeaderLayout_EveryClass_FitsIntoItsSlab()
    {
        for (int sizeClass = 0; sizeClass < SizeClasses.Count; sizeClass++)
        {
            (int first, int stride) = SizeClasses.HeaderLayout(sizeClass);
            int blocks = SizeClasses.BlocksPerSlab(sizeClass);
            int end = first + (blocks * stride);
            Assert.True(blocks > 0);
            Assert.Equal(0, stride % SizeClasses.HeaderBytes);

            // Headers of pages stand in the slab's first page, one for each page that follows.
            Assert.True(end <= (SizeClasses.IsPages(sizeClass) ? SizeClasses.PageBytes : SizeClasses.SlabBytes));
        }
    }

    [Fact]
    public void HeaderLayout_SmallClasses_AvoidStridesThatShareCacheSets()
    {
        for (int sizeClass = 0; sizeClass < SizeClasses.FirstPageClass; sizeClass++)
        {
            Assert.NotEqual(0, SizeClasses.HeaderLayout(sizeClass).Stride % 2048);
        }
    }
}
